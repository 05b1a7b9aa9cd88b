from __future__ import annotations

from export.document import ExportDocument, ExportPage
from export.txt import page_text, txt_chunks
from ocrq.types import PageState
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
