"""ALTO 4.4, a file a page: blocks, lines, words and glyphs with their variants.

https://www.loc.gov/standards/alto/ The schema allows much that means nothing; what is written here
follows its documentation: glyphs spell their word, WC and GC are probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from export.alto_description import EXPORT, READING, describe
from export.blocks import (
    Block,
    NumberedLine,
    Word,
    baseline_points,
    decimal,
    line_words,
    page_blocks,
)
from export.clean import clean_text
from export.divided import Division, find_divisions
from export.document import ExportDocument, ExportPage
from ocrq.types import Box, RegionKind

_SCHEMA = "http://www.loc.gov/standards/alto/ns-v4#"
_LOCATION = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
#: Kinds of text that ALTO has no element for; a LayoutTag says them.
_TAGGED = (
    RegionKind.RUNNING_HEAD,
    RegionKind.PAGE_NUMBER,
    RegionKind.CAPTION,
    RegionKind.PICTURE_TEXT,
)


def alto_chunks(document: ExportDocument) -> Iterator[str]:
    """The file of the one page that the document is given with."""
    for page in document.pages:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield tostring(_alto(document, page), encoding="unicode") + "\n"


def _alto(document: ExportDocument, page: ExportPage) -> Element:
    root = Element(
        "alto",
        {
            "xmlns": _SCHEMA,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{_SCHEMA} {_LOCATION}",
            "SCHEMAVERSION": "4.4",
        },
    )
    blocks = page_blocks(page.result) if page.result else []
    describe(SubElement(root, "Description"), document, page)
    kinds = {block.region.kind for block in blocks}
    if not kinds.isdisjoint(_TAGGED):
        tags = SubElement(root, "Tags")
        for kind in _TAGGED:
            if kind in kinds:
                SubElement(
                    tags,
                    "LayoutTag",
                    ID=kind.value,
                    TYPE="region",
                    LABEL=kind.value.replace("_", " "),
                )
    if blocks:
        group = SubElement(SubElement(root, "ReadingOrder"), "OrderedGroup", ID="order")
        for block in blocks:
            number = block.region.number
            SubElement(group, "ElementRef", ID=f"order_{number}", REF=f"block_{number}")
    layout = SubElement(root, "Layout")
    _page(SubElement(layout, "Page", ID=f"page_{page.number}"), page, blocks)
    indent(root, " ")
    return root


def _page(element: Element, page: ExportPage, blocks: Sequence[Block]) -> None:
    element.set("PHYSICAL_IMG_NR", str(page.number))
    result = page.result
    if result is None:
        element.set("QUALITY_DETAIL", page.why_unread)
        element.set("PROCESSINGREFS", EXPORT)
        return
    element.set("WIDTH", str(result.width_px))
    element.set("HEIGHT", str(result.height_px))
    element.set("PROCESSINGREFS", READING)
    printed = _printed_number(blocks)
    if printed:
        element.set("PRINTED_IMG_NR", printed)
    if result.quality.flags:
        element.set("QUALITY_DETAIL", clean_text(" ".join(result.quality.flags)))
    if result.confidence is not None:
        element.set("PC", decimal(result.confidence))
        element.set("ACCURACY", decimal(result.confidence, factor=100))
    if result.skew_deg:
        element.set("ROTATION", f"{-result.skew_deg:.4f}")  # counterclockwise
    whole = Box(x0_px=0, y0_px=0, x1_px=result.width_px, y1_px=result.height_px)
    space = SubElement(element, "PrintSpace", _place(whole))
    for block in blocks:
        _block(space, block, page)


def _printed_number(blocks: Sequence[Block]) -> str:
    return " ".join(
        clean_text(numbered.line.text).strip()
        for block in blocks
        if block.region.kind is RegionKind.PAGE_NUMBER
        for numbered in block.lines
    )


def _block(parent: Element, block: Block, page: ExportPage) -> None:
    kind = block.region.kind
    name = f"block_{block.region.number}"
    place = {"ID": name, **_place(block.region.box)}
    if kind is RegionKind.TABLE:
        table = SubElement(parent, "ComposedBlock", place, TYPE="table")
        for number, (cell, lines) in enumerate(block.cells()):
            box = Box.union(numbered.line.box for numbered in lines)
            where = "" if cell is None else f"_row_{cell[0]}_column_{cell[1]}"
            text = SubElement(
                table, "TextBlock", {"ID": f"{name}_part_{number}{where}", **_place(box)}
            )
            _lines(text, lines, page)
        return
    if kind is RegionKind.PICTURE:
        SubElement(parent, "Illustration", place, TYPE="picture")
    elif kind is RegionKind.RULE:
        SubElement(parent, "GraphicalElement", place)
    if kind in (RegionKind.PICTURE, RegionKind.RULE):
        if not block.lines:
            return
        place["ID"] += "_text"  # these elements hold no lines
    text = SubElement(parent, "TextBlock", place)
    if kind in _TAGGED:
        text.set("TAGREFS", kind.value)
    _lines(text, block.lines, page)


def _lines(parent: Element, lines: Sequence[NumberedLine], page: ExportPage) -> None:
    divisions = find_divisions([numbered.line for numbered in lines])
    for numbered, division in zip(lines, divisions, strict=True):
        number, line = numbered.number, numbered.line
        element = SubElement(
            parent,
            "TextLine",
            {"ID": f"line_{number}", **_place(line.box)},
            BASELINE=baseline_points(line),
        )
        if number in page.machine_text:
            element.set("CS", "true")
        words = line_words(line)
        if not words:  # the schema wants a String in each line
            SubElement(element, "String", _place(line.box), CONTENT="")
        for position, word in enumerate(words):
            if position:
                _space(element, words[position - 1].box, word.box)
            is_last = position == len(words) - 1
            _string(
                element,
                f"string_{number}_{position}",
                word,
                Division(
                    first=division.first if position == 0 else None,
                    last=division.last if is_last else None,
                ),
            )


def _space(line: Element, before: Box, after: Box) -> None:
    gap_px = max(0, after.x0_px - before.x1_px)
    top_px = min(before.y0_px, after.y0_px)
    SubElement(line, "SP", HPOS=str(before.x1_px), VPOS=str(top_px), WIDTH=str(gap_px))


def _string(line: Element, name: str, word: Word, division: Division) -> None:
    hyphen = word.chars[-1] if division.last is not None else None
    shown = Word(chars=word.chars[:-1]) if hyphen else word
    string = SubElement(
        line,
        "String",
        {"ID": name, **_place(shown.box)},
        CONTENT=shown.text,
        WC=decimal(shown.confidence),
    )
    whole = division.first or division.last
    if whole is not None:
        string.set("SUBS_TYPE", "HypPart2" if division.first else "HypPart1")
        string.set("SUBS_CONTENT", clean_text(whole))
    for char in shown.chars:
        glyph = SubElement(
            string,
            "Glyph",
            _place(char.box),
            CONTENT=clean_text(char.char),
            GC=decimal(char.confidence),
        )
        for other, confidence in char.alternatives:
            SubElement(glyph, "Variant", CONTENT=clean_text(other), VC=decimal(confidence))
    if hyphen:
        SubElement(line, "HYP", _place(hyphen.box), CONTENT=clean_text(hyphen.char))


def _place(box: Box) -> dict[str, str]:
    return {
        "HPOS": str(box.x0_px),
        "VPOS": str(box.y0_px),
        "WIDTH": str(box.width_px),
        "HEIGHT": str(box.height_px),
    }
