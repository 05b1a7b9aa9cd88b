from __future__ import annotations

from dataclasses import replace

from export.document import ExportDocument, ExportPage, TextStyle, correct_page
from export.txt import page_text, txt_chunks
from ocrq.types import PageState, RegionKind
from tests.readings import make_result


def _page(number: int, text: str | None) -> ExportPage:
    result = None if text is None else make_result(text)
    state = PageState.FAILED if text is None else PageState.DONE
    return ExportPage(page_id=number, number=number, state=state, result=result)


def test_paragraphs_are_apart_by_an_empty_line() -> None:
    assert page_text(make_result("one\ntwo\n\nthree")) == "one\ntwo\n\nthree\n"


def test_a_page_without_text_gives_nothing() -> None:
    assert page_text(make_result("")) == ""


def test_page_n_stands_before_the_nth_form_feed_even_after_a_missing_one() -> None:
    pages = (_page(1, "first"), _page(2, None), _page(3, "third"))
    text = "".join(txt_chunks(ExportDocument(batch="b", path=b"a.tif", pages=pages)))
    assert text.split("\f") == ["first\n", "", "third\n"]


def test_control_characters_do_not_reach_the_file() -> None:
    assert page_text(make_result("a\x1b[2Jb\fc")) == "a�[2Jb�c\n"


def test_cells_of_a_row_are_a_line_and_words_in_pictures_are_asked_for() -> None:
    page = make_result("a b\n12\n\nMAP")
    first, second, third = page.lines
    page = replace(
        page,
        lines=(
            replace(first, cell=(0, 0), region=0),
            replace(second, cell=(0, 1), region=0),
            replace(third, region=1),
        ),
        regions=(
            replace(page.regions[0], number=0, kind=RegionKind.TABLE),
            replace(page.regions[0], number=1, kind=RegionKind.PICTURE_TEXT),
        ),
    )
    assert page_text(page) == "a b 12\n"
    assert page_text(page, TextStyle(with_picture_text=True)) == "a b 12\n\nMAP\n"


def test_what_a_person_corrected_or_confirmed_in_a_picture_is_written() -> None:
    page = make_result("text\n\nMAB\nOslo\n~~~")
    drawn = replace(page.regions[1], kind=RegionKind.PICTURE_TEXT)
    page = replace(page, regions=(page.regions[0], drawn))
    result, machine_text = correct_page(page, {1: "MAP", 2: "Oslo"})
    read = ExportPage(
        page_id=1, number=1, state=PageState.DONE, result=result, machine_text=machine_text
    )
    document = ExportDocument(batch="b", path=b"a.tif", pages=[read])
    assert "".join(txt_chunks(document)) == "text\n\nMAP\nOslo\n"


def test_divided_words_are_written_whole_on_request() -> None:
    page = make_result("the quick br-\nown fox\nof 1914-\n18")
    assert page_text(page, TextStyle(join_hyphens=True)) == "the quick brown\nfox\nof 1914-\n18\n"
    assert page_text(page) == "the quick br-\nown fox\nof 1914-\n18\n"


def test_the_long_s_of_old_print_is_round_on_request() -> None:
    page = make_result("ſome poſſeſſions")
    assert page_text(page, TextStyle(round_s=True)) == "some possessions\n"
    assert page_text(page) == "ſome poſſeſſions\n"
