"""hOCR: one file a document, with the places of everything in titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from export.document import ExportPage
from export.hocr import hocr_chunks
from tests.exports import FAILED, document, done, rich_result
from tests.readings import make_result

_NS = "{http://www.w3.org/1999/xhtml}"


def _text(*pages: ExportPage, path: bytes = b"scans/a.tif") -> str:
    return "".join(hocr_chunks(document(*pages, path=path)))


def _html(*pages: ExportPage, path: bytes = b"scans/a.tif") -> Element:
    return ElementTree.fromstring(_text(*pages, path=path))


def _all(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if element.get("class") == name]


def _words(element: Element) -> list[str]:
    return ["".join(word.itertext()) for word in _all(element, "ocrx_word")]


def test_pages_areas_paragraphs_lines_and_words_nest_as_readers_expect() -> None:
    html = _html(done(rich_result()))
    (page,) = _all(html, "ocr_page")
    assert [(e.get("class"), e.get("data-kind")) for e in page] == [
        ("ocr_carea", "running_head"),
        ("ocr_carea", "text"),
        ("ocr_photo", "picture"),
        ("ocr_carea", "caption"),
        ("ocr_separator", "rule"),
        ("ocr_carea", "table"),
        ("ocr_carea", "picture_text"),
        ("ocr_carea", "page_number"),
    ]
    for area in _all(page, "ocr_carea"):
        for paragraph in area:
            assert paragraph.get("class") == "ocr_par"
            assert {line.get("class") for line in paragraph} == {"ocr_line"}
    cells = [(p.get("data-row"), p.get("data-column")) for p in page[5]]
    assert cells == [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]
    ids = [element.get("id") for element in html.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    used = {str(e.get("class")) for e in html.iter() if e.get("class")}
    (declared,) = [m.get("content", "") for m in html.iter() if m.get("name") == "ocr-capabilities"]
    assert used <= set(declared.split())


def test_titles_of_a_page_a_line_a_word_and_a_character() -> None:
    html = _html(done(make_result("on it", doubts={(0, 0): 0.755})))
    (page,), (line,) = _all(html, "ocr_page"), _all(html, "ocr_line")
    assert page.get("title") == 'image "a.tif"; bbox 0 0 2000 3000; ppageno 0; scan_res 300 300'
    assert "not turned" not in page.get("data-coordinates", "")
    assert page.get("data-weights-sha256") == "0" * 64
    assert line.get("title") == "bbox 50 100 100 120; baseline 0.00000 0.0"
    word = line[0]
    assert word.get("title") == "bbox 50 100 70 120; x_wconf 75"
    assert [c.get("title") for c in word] == [
        "x_bboxes 50 100 60 120; x_confs 75.5",
        "x_bboxes 60 100 70 120; x_confs 100",
    ]
    assert word[0].get("data-alternatives") == "U+003F:24.5"
    assert "".join(line.itertext()) == "on it"


def test_a_slope_is_that_of_the_baseline_from_the_lower_left_corner() -> None:
    result = make_result("text")
    line = replace(result.lines[0], baseline=((40.0, 116.0), (140.0, 118.0)))
    html = _html(done(replace(result, lines=(line,))))
    assert (_all(html, "ocr_line")[0].get("title") or "").endswith("baseline 0.02000 -3.8")


def test_corrected_lines_carry_both_texts() -> None:
    html = _html(done(make_result("one\n\ntwo"), {0: "uno", 1: "two"}))
    first, second = _all(html, "ocr_line")
    assert (first.get("data-review"), first.get("data-machine-text")) == ("corrected", "one")
    assert (second.get("data-review"), second.get("data-machine-text")) == ("confirmed", None)
    assert _words(html) == ["uno", "two"]


def test_pages_without_a_reading_keep_their_place_and_say_why() -> None:
    html = _html(done(make_result("one")), FAILED)
    first, second = _all(html, "ocr_page")
    assert second.get("title") == 'image "a.tif"; ppageno 1'
    assert second.get("data-unread", "").startswith("no reading: failed (truncated: it ends")
    assert len(second) == 0 and len(first) == 1


def test_names_cannot_end_a_title_or_the_document() -> None:
    html = _html(done(make_result("x")), path=b'scans/"; bbox 1 1 2 2; <\xff&>%.tif')
    title = _all(html, "ocr_page")[0].get("title") or ""
    assert title.startswith('image "%22%3B bbox 1 1 2 2%3B <%5Cxff&>%25.tif"; bbox 0 0 2000 3000;')


def test_a_reader_of_html_finds_the_same_elements() -> None:
    # <div/> and <span/> would stay open there, and swallow what follows.
    text = _text(done(make_result("")), done(rich_result(), number=2), FAILED)
    depths: list[int] = []

    class Reader(HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if dict(attrs).get("class") == "ocr_page":
                depths.append(self.depth)
            self.depth += tag != "meta"

        def handle_endtag(self, tag: str) -> None:
            self.depth -= tag != "meta"

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag == "meta"

    Reader().feed(text)
    assert depths == [2, 2, 2]


def test_pages_are_written_one_by_one() -> None:
    given = []

    def pages() -> Iterator[ExportPage]:
        for number in (1, 2, 3):
            given.append(number)
            yield done(make_result("text"), number=number)

    exported = document()
    chunks = hocr_chunks(replace(exported, pages=pages()))
    seen = []
    for chunk in chunks:
        if "ocr_page" in chunk and "<meta" not in chunk:
            seen.append(list(given))
    assert seen == [[1], [1, 2], [1, 2, 3]]
