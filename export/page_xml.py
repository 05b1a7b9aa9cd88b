"""PAGE XML (PRImA, 2019-07-15), a file a page: regions in reading order, lines, words, glyphs.

https://github.com/PRImA-Research-Lab/PAGE-XML What a glyph may be besides is another TextEquiv of
it, and what the machine read on a corrected line another one of that line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import ocrq
from export.blocks import (
    Block,
    NumberedLine,
    Word,
    baseline_points,
    coordinates_of,
    decimal,
    line_words,
    page_blocks,
)
from export.clean import clean_text
from export.document import ExportDocument, ExportPage
from ocrq.types import Box, CharResult, LineResult, PageResult, RegionKind

_SCHEMA = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
_TEXT_TYPES = {
    RegionKind.TEXT: "paragraph",
    RegionKind.RUNNING_HEAD: "header",
    RegionKind.PAGE_NUMBER: "page-number",
    RegionKind.CAPTION: "caption",
    RegionKind.PICTURE_TEXT: "other",
}
_HAND_ENGINE = "hand"


def page_xml_chunks(document: ExportDocument) -> Iterator[str]:
    """The file of the one page that the document is given with."""
    for page in document.pages:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield tostring(_pc_gts(document, page), encoding="unicode") + "\n"


def _pc_gts(document: ExportDocument, page: ExportPage) -> Element:
    root = Element(
        "PcGts",
        {
            "xmlns": _SCHEMA,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{_SCHEMA} {_SCHEMA}/pagecontent.xsd",
            "pcGtsId": f"page_{page.page_id}",
        },
    )
    _metadata(SubElement(root, "Metadata"), document, page)
    element = SubElement(root, "Page", imageFilename=document.file_name)
    if page.result is None:
        # The schema wants a size, and none is known.
        element.attrib.update(imageWidth="0", imageHeight="0")
        element.set("custom", f"scan {{page:{page.number};}} unread {{state:{page.state.value};}}")
    else:
        _page(element, page, page.result)
    indent(root, " ")
    return root


def _metadata(metadata: Element, document: ExportDocument, page: ExportPage) -> None:
    when = (page.read_at or document.submitted_at).isoformat(timespec="seconds")
    SubElement(metadata, "Creator").text = f"ocrq {ocrq.__version__}"
    SubElement(metadata, "Created").text = when
    SubElement(metadata, "LastChange").text = when
    result = page.result
    if result is None:
        SubElement(metadata, "Comments").text = f"This page has {page.why_unread}"
    else:
        SubElement(metadata, "Comments").text = (
            f"{coordinates_of(result)} conf is the probability that a character is right; a word "
            "is as sure as its least certain character, a line as the mean of its characters."
        )
        engine = result.engine
        _item(
            metadata,
            "processingStep",
            "reading",
            f"{engine.name} {engine.version}",
            weights_sha256=engine.weights_sha256,
            reading_id=str(page.reading_id),
            options=json.dumps(json.loads(page.options), ensure_ascii=False, sort_keys=True),
        )
        _item(
            metadata,
            "imageProperties",
            "upright page",
            coordinates_of(result),
            rotation_deg=str(result.rotation_deg),
            skew_deg=f"{result.skew_deg:.4f}",
            dpi_is_estimated=str(result.dpi_is_estimated).lower(),
            flags=" ".join(result.quality.flags),
        )
    _item(
        metadata,
        "other",
        "source",
        document.path_text,
        page=str(page.number),
        page_id=str(page.page_id),
        batch=document.batch,
        sha256=document.sha256 or "",
    )


def _item(metadata: Element, kind: str, name: str, value: str, **labels: str) -> None:
    item = SubElement(metadata, "MetadataItem", type=kind, name=name, value=clean_text(value))
    group = SubElement(item, "Labels")
    for label, text in labels.items():
        SubElement(group, "Label", type=label, value=clean_text(text))


def _page(element: Element, page: ExportPage, result: PageResult) -> None:
    element.attrib.update(
        imageWidth=str(result.width_px),
        imageHeight=str(result.height_px),
        imageXResolution=str(result.dpi),
        imageYResolution=str(result.dpi),
        imageResolutionUnit="PPI",
        custom=f"scan {{page:{page.number}; rotation:{result.rotation_deg};}}",
        # The turn that would make the lines level, clockwise.
        orientation=f"{-result.skew_deg:.4f}",
    )
    if result.confidence is not None:
        element.set("conf", decimal(result.confidence))
    blocks = page_blocks(result)
    if blocks:
        group = SubElement(SubElement(element, "ReadingOrder"), "OrderedGroup", id="order")
        for index, block in enumerate(blocks):
            reference = f"region_{block.region.number}"
            SubElement(group, "RegionRefIndexed", index=str(index), regionRef=reference)
    for block in blocks:
        _region(element, block, page)


def _region(parent: Element, block: Block, page: ExportPage) -> None:
    kind, name = block.region.kind, f"region_{block.region.number}"
    if kind is RegionKind.TABLE:
        _table(parent, name, block, page)
        return
    holder = parent
    if kind in (RegionKind.PICTURE, RegionKind.RULE):
        tag = "ImageRegion" if kind is RegionKind.PICTURE else "SeparatorRegion"
        holder = SubElement(parent, tag, id=name)
        _coords(holder, block.region.box)
        if not block.lines:
            return
        name += "_text"
    region = SubElement(holder, "TextRegion", id=name, type=_TEXT_TYPES.get(kind, "other"))
    if kind is RegionKind.PICTURE_TEXT:
        region.set("custom", "structure {type:picture-text;}")
    _coords(region, block.region.box)
    _lines(region, block.lines, page)


def _table(parent: Element, name: str, block: Block, page: ExportPage) -> None:
    cells = [numbered.line.cell for numbered in block.lines if numbered.line.cell is not None]
    table = SubElement(parent, "TableRegion", id=name)
    if cells:
        table.set("rows", str(1 + max(row for row, _ in cells)))
        table.set("columns", str(1 + max(column for _, column in cells)))
    _coords(table, block.region.box)
    for number, (cell, lines) in enumerate(block.cells()):
        region = SubElement(table, "TextRegion", id=f"{name}_part_{number}")
        _coords(region, Box.union(numbered.line.box for numbered in lines))
        if cell is not None:
            role = SubElement(SubElement(region, "Roles"), "TableCellRole")
            role.attrib.update(rowIndex=str(cell[0]), columnIndex=str(cell[1]))
        _lines(region, lines, page)


def _lines(region: Element, lines: Sequence[NumberedLine], page: ExportPage) -> None:
    for index, numbered in enumerate(lines):
        _line(region, index, numbered.number, numbered.line, page)
    if lines:
        text = "\n".join(clean_text(numbered.line.text) for numbered in lines)
        _equivalent(region, text)


def _line(region: Element, index: int, number: int, line: LineResult, page: ExportPage) -> None:
    element = SubElement(region, "TextLine", id=f"line_{number}", index=str(index))
    machine_text = page.machine_text.get(number)
    notes = [f"readingOrder {{index:{index};}}"]
    if machine_text is not None:
        change = "confirmed" if machine_text == line.text else "corrected"
        notes.append(f"review {{status:{change};}}")
    if line.missing_risk is not None:
        notes.append(f"missing {{risk:{decimal(line.missing_risk)};}}")
    element.set("custom", " ".join(notes))
    if line.engine == _HAND_ENGINE:
        element.set("production", "handwritten-printscript")
    _coords(element, line.box)
    SubElement(element, "Baseline", points=baseline_points(line))
    for position, word in enumerate(line_words(line)):
        _word(element, f"word_{number}_{position}", word)
    _equivalent(element, clean_text(line.text), line.confidence, index=0)
    if machine_text is not None and machine_text != line.text:
        _equivalent(element, clean_text(machine_text), index=1, comments="as the machine read it")


def _word(line: Element, name: str, word: Word) -> None:
    element = SubElement(line, "Word", id=name)
    _coords(element, word.box)
    for position, char in enumerate(word.chars):
        _glyph(element, f"{name}_glyph_{position}", char)
    _equivalent(element, word.text, word.confidence)


def _glyph(word: Element, name: str, char: CharResult) -> None:
    element = SubElement(word, "Glyph", id=name)
    _coords(element, char.box)
    _equivalent(element, clean_text(char.char), char.confidence, index=0)
    for index, (other, confidence) in enumerate(char.alternatives, start=1):
        _equivalent(element, clean_text(other), confidence, index=index)


def _equivalent(
    parent: Element,
    text: str,
    confidence: float | None = None,
    *,
    index: int | None = None,
    comments: str | None = None,
) -> None:
    element = SubElement(parent, "TextEquiv")
    if index is not None:
        element.set("index", str(index))
    if confidence is not None:
        element.set("conf", decimal(confidence))
    if comments is not None:
        element.set("comments", comments)
    SubElement(element, "Unicode").text = text


def _coords(parent: Element, box: Box) -> None:
    # Edges, not last pixels: the same numbers as everywhere, and no polygon without area.
    x0, y0, x1, y1 = box.x0_px, box.y0_px, box.x1_px, box.y1_px
    SubElement(parent, "Coords", points=f"{x0},{y0} {x1},{y0} {x1},{y1} {x0},{y1}")
