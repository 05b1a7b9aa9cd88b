"""PAGE XML: regions, lines, words and glyphs as tools of transcription read them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from export.document import ExportPage
from export.page_xml import page_xml_chunks
from tests.exports import FAILED, document, done, rich_result
from tests.readings import make_result
from tests.xml_schemas import PAGE, check_schema

_NS = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"


def _text(page: ExportPage) -> str:
    return "".join(page_xml_chunks(document(page)))


def _page(page: ExportPage) -> Element:
    found = ElementTree.fromstring(_text(page)).find(f"{_NS}Page")
    assert found is not None
    return found


def _all(root: Element, tag: str) -> list[Element]:
    return list(root.iter(_NS + tag))


def _equivalents(element: Element) -> list[tuple[str | None, str | None, str | None]]:
    """(index, conf, text) of the element's own."""
    return [
        (e.get("index"), e.get("conf"), e.findtext(f"{_NS}Unicode"))
        for e in element.findall(f"{_NS}TextEquiv")
    ]


def test_files_follow_the_official_schema() -> None:
    pages = [
        done(rich_result(), {1: "The corn-", 2: "", 3: "ö m̃ ]]> \x07"}),
        done(make_result("")),
        done(replace(rich_result(), rotation_deg=90, regions=())),
        FAILED,
    ]
    check_schema([_text(page) for page in pages], PAGE)


def test_regions_in_reading_order_with_their_types() -> None:
    page = _page(done(rich_result()))
    regions = [element for element in page if element.tag.endswith("Region")]
    assert [(r.tag.removeprefix(_NS), r.get("type")) for r in regions] == [
        ("TextRegion", "header"),
        ("TextRegion", "paragraph"),
        ("ImageRegion", None),
        ("TextRegion", "caption"),
        ("SeparatorRegion", None),
        ("TableRegion", None),
        ("TextRegion", "other"),
        ("TextRegion", "page-number"),
    ]
    order = sorted(_all(page, "RegionRefIndexed"), key=lambda e: int(e.get("index", "")))
    assert [e.get("regionRef") for e in order] == [r.get("id") for r in regions]
    assert (regions[5].get("rows"), regions[5].get("columns")) == ("2", "2")
    cells = [(c.get("rowIndex"), c.get("columnIndex")) for c in _all(page, "TableCellRole")]
    assert cells == [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]
    assert _equivalents(regions[1]) == [(None, None, "The coun-\ncil met")]


def test_a_glyph_has_its_alternatives_and_a_word_its_least_certain_character() -> None:
    page = _page(done(make_result("on", doubts={(0, 0): 0.75})))
    (word,) = _all(page, "Word")
    assert _equivalents(word) == [(None, "0.75", "on")]
    first, second = _all(word, "Glyph")
    assert _equivalents(first) == [("0", "0.75", "o"), ("1", "0.25", "?")]
    assert _equivalents(second) == [("0", "1", "n")]
    coords = first.find(f"{_NS}Coords")
    assert coords is not None and coords.get("points") == "50,100 60,100 60,120 50,120"
    (line,) = _all(page, "TextLine")
    assert _equivalents(line) == [("0", "0.875", "on")]
    (baseline,) = _all(line, "Baseline")
    assert baseline.get("points") == "50,120 70,120"


def test_a_corrected_line_keeps_what_the_machine_read() -> None:
    page = _page(done(make_result("one\n\ntwo\n\nthree"), {0: "uno", 1: "two"}))
    first, second, third = _all(page, "TextLine")
    assert [text for _, _, text in _equivalents(first)] == ["uno", "one"]
    assert [text for _, _, text in _equivalents(second)] == ["two"]
    assert "review {status:corrected;}" in first.get("custom", "")
    assert "review {status:confirmed;}" in second.get("custom", "")
    assert "review" not in third.get("custom", "")


def test_lines_by_hand_say_so() -> None:
    result = make_result("one\n\ntwo")
    by_hand = replace(result.lines[1], engine="hand")
    page = _page(done(replace(result, lines=(result.lines[0], by_hand))))
    production = [line.get("production") for line in _all(page, "TextLine")]
    assert production == [None, "handwritten-printscript"]


def test_what_the_coordinates_are_of() -> None:
    page = _page(done(replace(make_result("text"), rotation_deg=270)))
    assert (page.get("imageWidth"), page.get("imageHeight")) == ("2000", "3000")
    assert (page.get("imageXResolution"), page.get("imageResolutionUnit")) == ("300", "PPI")
    assert page.get("imageFilename") == "a.tif"
    assert page.get("custom") == "scan {page:1; rotation:270;}"
    assert page.get("orientation") == "-0.5000"
    text = _text(done(replace(make_result("text"), rotation_deg=270)))
    assert "turned clockwise by 270 degrees" in text and "0" * 64 in text


def test_a_page_without_a_reading_says_why() -> None:
    page = _page(FAILED)
    assert len(page) == 0
    assert page.get("custom") == "scan {page:2;} unread {state:failed;}"
    assert "no reading: failed (truncated: it ends" in _text(FAILED)
