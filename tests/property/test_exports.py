"""What is written as ALTO, PAGE, hOCR or PDF comes back, whatever people and machines wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pypdfium2
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from export.alto import alto_chunks
from export.blocks import line_words
from export.clean import clean_text
from export.document import ExportPage
from export.hocr import hocr_chunks
from export.page_xml import page_xml_chunks
from export.pdf import pdf_chunks
from ocrq.types import Box, LineResult, PageResult
from pipeline.scans.stored_picture import StoredPicture, _g4
from tests.exports import document, done
from tests.readings import make_result

_ODD = st.sampled_from(
    ["", " ", "m̃", "]]>", "<!--", "&amp;", '"\'', "\x00\x1b", "\u2028", "\ufffe", "a-", "b-", "=1",
     "\u00ad", "𝔄", "\u00a0x", "\ud800", "U+0041:1", "; bbox 1 1 2 2", "%00", "\\"]
)  # fmt: skip
_TEXTS = st.lists(
    st.lists(_ODD | st.text(max_size=6), max_size=4).map(" ".join) | st.text(max_size=12),
    max_size=4,
)
_PICTURE: StoredPicture = _g4(Image.new("1", (8, 8), 1))

Words = list[tuple[str, Box]]


@st.composite
def pages(draw: st.DrawFn) -> ExportPage:
    """A page whose lines were read as one text, and some of them corrected into another."""
    read = draw(_TEXTS)
    result = make_result("\n".join(text.replace("\n", " ").strip("\n") or "x" for text in read))
    lines = tuple(replace(line, cell=None) for line in result.lines)
    corrected = {n: text for n, text in enumerate(draw(_TEXTS)) if n < len(lines)}
    result = replace(result, lines=lines)
    if draw(st.booleans()):
        result = replace(result, regions=())
    return done(result, corrected)


def expected(result: PageResult) -> list[Words]:
    """The words of each line with their boxes."""
    return [[(word.text, word.box) for word in line_words(line)] for line in result.lines]


def _result(page: ExportPage) -> PageResult:
    assert page.result is not None
    return page.result


@given(pages())
def test_alto_comes_back(page: ExportPage) -> None:
    ns = "{http://www.loc.gov/standards/alto/ns-v4#}"
    root = ElementTree.fromstring("".join(alto_chunks(document(page))))

    def box(element: Element) -> Box:
        x, y, w, h = (int(element.get(a, "")) for a in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
        return Box(x0_px=x, y0_px=y, x1_px=x + w, y1_px=y + h)

    def words(line: Element) -> Iterator[tuple[str, Box]]:
        for element in line.findall(f"{ns}String"):
            text = element.get("CONTENT", "")
            assert "".join(g.get("CONTENT", "") for g in element.findall(f"{ns}Glyph")) == text
            if text:
                yield text, box(element)

    lines = list(root.iter(f"{ns}TextLine"))
    for line, whole in zip(lines, expected(_result(page)), strict=True):
        found = list(words(line))
        hyphen = line.find(f"{ns}HYP")
        if hyphen is not None:
            text, place = found[-1]
            found[-1] = (text + hyphen.get("CONTENT", ""), Box.union([place, box(hyphen)]))
        assert found == whole
        children = [child.tag.removeprefix(ns) for child in line]
        assert re.fullmatch(r"(String SP )*String( HYP)?", " ".join(children))
    _check_references(root, "REF", "ID")


@given(pages())
def test_page_xml_comes_back(page: ExportPage) -> None:
    ns = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"
    root = ElementTree.fromstring("".join(page_xml_chunks(document(page))))

    def word(element: Element) -> tuple[str, Box]:
        text = element.findtext(f"{ns}TextEquiv/{ns}Unicode") or ""
        glyphs = (
            g.findtext(f"{ns}TextEquiv/{ns}Unicode") or "" for g in element.iter(f"{ns}Glyph")
        )
        assert "".join(glyphs) == text
        coords = element.find(f"{ns}Coords")
        assert coords is not None
        corners = [tuple(map(int, p.split(","))) for p in coords.get("points", "").split()]
        (x0, y0), (x1, y1) = corners[0], corners[2]
        return text, Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    result = _result(page)
    lines = list(root.iter(f"{ns}TextLine"))
    found = [[word(element) for element in line.findall(f"{ns}Word")] for line in lines]
    assert found == expected(result)
    texts = [line.find(f"{ns}TextEquiv[@index='0']/{ns}Unicode") for line in lines]
    assert [_text_of(t) for t in texts] == [clean_text(line.text) for line in result.lines]
    for number, line in enumerate(lines):
        machine = line.find(f"{ns}TextEquiv[@index='1']/{ns}Unicode")
        was = page.machine_text.get(number)
        changed = was is not None and was != result.lines[number].text
        assert (machine is not None) == changed
        if machine is not None:
            assert _text_of(machine) == clean_text(was or "")
    _check_references(root, "regionRef", "id")


def _text_of(element: Element | None) -> str:
    assert element is not None
    return element.text or ""


def _check_references(root: Element, reference: str, identifier: str) -> None:
    names = [value for e in root.iter() if (value := e.get(identifier))]
    assert len(names) == len(set(names))
    used = {value for e in root.iter() if (value := e.get(reference))}
    assert used <= set(names)


@given(pages())
def test_hocr_comes_back(page: ExportPage) -> None:
    root = ElementTree.fromstring("".join(hocr_chunks(document(page))))

    def of(parent: Element, name: str) -> list[Element]:
        return [element for element in parent.iter() if element.get("class") == name]

    def word(element: Element) -> tuple[str, Box]:
        match = re.match(r"bbox (\d+) (\d+) (\d+) (\d+);", element.get("title", ""))
        assert match is not None
        x0, y0, x1, y1 = map(int, match.groups())
        return "".join(element.itertext()), Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    lines = of(root, "ocr_line")
    whole = expected(_result(page))
    assert [[word(e) for e in of(line, "ocrx_word")] for line in lines] == whole
    assert ["".join(line.itertext()) for line in lines] == [
        " ".join(text for text, _ in words) for words in whole
    ]


@settings(max_examples=40)
@given(pages())
def test_a_pdf_opens_and_has_every_word(page: ExportPage) -> None:
    given_document = replace(document(page), picture=lambda _: _PICTURE)
    data = b"".join(pdf_chunks(given_document))
    with pypdfium2.PdfDocument(data) as opened:
        text = opened[0].get_textpage().get_text_range()
    # PDFium leaves some signs out (soft hyphens, joiners): letters and digits must be there.
    assert set(_letters(text)) == set(_letters(" ".join(map(_line_text, _result(page).lines))))


def _line_text(line: LineResult) -> str:
    return " ".join(word.text for word in line_words(line))


def _letters(text: str) -> Iterator[str]:
    return (char for char in text if char.isascii() and char.isalnum())
