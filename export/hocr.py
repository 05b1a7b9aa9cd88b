"""hOCR 1.2, a file a document: XHTML with the places of everything in `title` attributes.

http://kba.github.io/hocr-spec/1.2/ Elements nest as most readers expect: ocr_page, ocr_carea,
ocr_par, ocr_line, ocrx_word, ocrx_cinfo. What the specification has no word for is in `data-`
attributes, so that a reader finds text where it looks for text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import ocrq
from export.blocks import (
    Block,
    NumberedLine,
    Word,
    coordinates_of,
    decimal,
    line_words,
    page_blocks,
)
from export.clean import clean_text
from export.document import ExportDocument, ExportPage
from ocrq.types import Box, CharResult, LineResult, PageResult, RegionKind

_CAPABILITIES = (
    "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo ocr_photo ocr_separator ocrp_wconf"
)
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
 "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
"""
#: Inside the quotes of a property; hOCR has no escapes, so these are written as in an URL.
_UNQUOTABLE = {ord(c): f"%{ord(c):02X}" for c in '"%;\\'}


def hocr_chunks(document: ExportDocument) -> Iterator[str]:
    """The file's text, a page at a time."""
    yield _HEAD
    yield tostring(_head(document), encoding="unicode") + "\n<body>\n"
    for page in document.pages:
        # <div/> would be open to a reader of HTML.
        yield tostring(_page(document, page), encoding="unicode", short_empty_elements=False)
    yield "</body>\n</html>\n"


def _head(document: ExportDocument) -> Element:
    head = Element("head")
    SubElement(head, "title").text = document.file_name
    for name, content in (
        ("ocr-system", f"ocrq {ocrq.__version__}"),
        ("ocr-capabilities", _CAPABILITIES),
        ("ocr-number-of-pages", str(document.page_count)),
        ("ocrq-source", clean_text(document.path_text)),
        ("ocrq-source-sha256", document.sha256 or ""),
        ("ocrq-batch", clean_text(document.batch)),
    ):
        SubElement(head, "meta", name=name, content=content)
    encoding = {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"}
    head.insert(0, Element("meta", encoding))
    for element in head:
        element.tail = "\n"
    head.text = "\n"
    return head


def _page(document: ExportDocument, page: ExportPage) -> Element:
    result = page.result
    image = f'image "{document.file_name.translate(_UNQUOTABLE)}"'
    properties = [image, f"ppageno {page.number - 1}"]
    if result is not None:
        whole = Box(x0_px=0, y0_px=0, x1_px=result.width_px, y1_px=result.height_px)
        properties[1:1] = [_bbox(whole)]
        properties.append(f"scan_res {result.dpi} {result.dpi}")
    element = Element(
        "div", {"class": "ocr_page", "id": f"page_{page.number}", "title": "; ".join(properties)}
    )
    element.text, element.tail = "\n", "\n"
    if result is None:
        element.set("data-unread", page.why_unread)
        return element
    _describe(element, page, result)
    for block in page_blocks(result):
        _block(element, f"{page.number}_{block.region.number}", block, page)
    return element


def _describe(element: Element, page: ExportPage, result: PageResult) -> None:
    engine = result.engine
    for name, value in (
        ("coordinates", coordinates_of(result)),
        ("rotation-deg", str(result.rotation_deg)),
        ("skew-deg", f"{result.skew_deg:.4f}"),
        ("dpi-is-estimated", str(result.dpi_is_estimated).lower()),
        ("engine", f"{engine.name} {engine.version}"),
        ("weights-sha256", engine.weights_sha256),
        ("options", page.options),
        ("reading-id", str(page.reading_id)),
        ("flags", " ".join(result.quality.flags)),
    ):
        element.set(f"data-{name}", clean_text(value))


def _block(parent: Element, number: str, block: Block, page: ExportPage) -> None:
    kind = block.region.kind
    title = {"title": _bbox(block.region.box), "data-kind": kind.value}
    if kind in (RegionKind.PICTURE, RegionKind.RULE):
        name = "ocr_photo" if kind is RegionKind.PICTURE else "ocr_separator"
        own = SubElement(parent, "div", {"class": name, "id": f"float_{number}", **title})
        own.tail = "\n"
        if not block.lines:
            return
    area = SubElement(parent, "div", {"class": "ocr_carea", "id": f"block_{number}", **title})
    area.text, area.tail = "\n", "\n"
    for part, (cell, lines) in enumerate(block.cells()):
        box = Box.union(numbered.line.box for numbered in lines)
        paragraph = SubElement(
            area, "p", {"class": "ocr_par", "id": f"par_{number}_{part}", "title": _bbox(box)}
        )
        if cell is not None:
            paragraph.set("data-row", str(cell[0]))
            paragraph.set("data-column", str(cell[1]))
        paragraph.text, paragraph.tail = "\n", "\n"
        _lines(paragraph, lines, page)


def _lines(paragraph: Element, lines: Sequence[NumberedLine], page: ExportPage) -> None:
    for numbered in lines:
        number, line = numbered.number, numbered.line
        name = f"{page.number}_{number}"
        title = f"{_bbox(line.box)}; {_baseline(line)}"
        element = SubElement(
            paragraph, "span", {"class": "ocr_line", "id": f"line_{name}", "title": title}
        )
        element.tail = "\n"
        if line.missing_risk is not None:
            element.set("data-missing-risk", decimal(line.missing_risk))
        was = page.machine_text.get(number)
        if was is not None:
            element.set("data-review", "confirmed" if was == line.text else "corrected")
            if was != line.text:
                element.set("data-machine-text", clean_text(was))
        for word, last in _with_last(line_words(line)):
            span = _word(element, f"word_{name}_{len(element)}", word)
            span.tail = None if last else " "


def _with_last(words: Sequence[Word]) -> Iterable[tuple[Word, bool]]:
    return ((word, position == len(words) - 1) for position, word in enumerate(words))


def _word(line: Element, name: str, word: Word) -> Element:
    # A whole number, as most readers want it; rounded down, for no word is surer than it is.
    title = f"{_bbox(word.box)}; x_wconf {math.floor(word.confidence * 100 + 1e-9)}"
    span = SubElement(line, "span", {"class": "ocrx_word", "id": name, "title": title})
    for char in word.chars:
        own = SubElement(span, "span", {"class": "ocrx_cinfo", "title": _char(char)})
        own.text = clean_text(char.char)
        if char.alternatives:
            own.set("data-alternatives", _alternatives(char))
    return span


def _char(char: CharResult) -> str:
    box = char.box
    return (
        f"x_bboxes {box.x0_px} {box.y0_px} {box.x1_px} {box.y1_px};"
        f" x_confs {decimal(char.confidence, factor=100)}"
    )


def _alternatives(char: CharResult) -> str:
    """Best first, as in the CSV: code point, and how probable it is in percent.

    >>> box = Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1)
    >>> _alternatives(CharResult(char="0", confidence=0.6, box=box, alternatives=(("O", 0.375),)))
    'U+004F:37.5'
    """
    return " ".join(f"U+{ord(c):04X}:{decimal(p, factor=100)}" for c, p in char.alternatives)


def _bbox(box: Box) -> str:
    return f"bbox {box.x0_px} {box.y0_px} {box.x1_px} {box.y1_px}"


def _baseline(line: LineResult) -> str:
    """Slope, and how far below the lower left corner of the box the line begins, px."""
    (x0_px, y0_px), (x1_px, y1_px) = line.baseline
    slope = (y1_px - y0_px) / (x1_px - x0_px) if x1_px != x0_px else 0.0
    offset_px = y0_px + slope * (line.box.x0_px - x0_px) - line.box.y1_px
    return f"baseline {slope:.5f} {offset_px:.1f}"
