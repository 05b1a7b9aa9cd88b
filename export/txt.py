"""Plain text: reading order, paragraphs apart by an empty line, pages apart by a form feed.

Every page of the document has its place, also one without a reading: the text before the n-th
form feed is always page n, as `pdftotext` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from export.clean import clean_text
from export.document import ExportDocument
from ocrq.types import LineResult, PageResult, RegionKind


def txt_chunks(document: ExportDocument) -> Iterator[str]:
    """The file's text, a page at a time."""
    for index, page in enumerate(document.pages):
        if index:
            yield "\f"
        if page.result is not None:
            yield page_text(page.result)


def page_text(result: PageResult) -> str:
    """The page's lines; an empty line where a region (a paragraph or block) ends.

    Returns:
        Text that ends with a line break, or nothing for a page without text.
    """
    drawn = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    paragraphs = (
        "\n".join(_rows(lines))
        for region, lines in groupby(result.lines, key=lambda line: line.region)
        if region not in drawn
    )
    text = "\n\n".join(p for p in paragraphs if p.strip())
    return f"{text}\n" if text else ""


def _rows(lines: Iterable[LineResult]) -> Iterator[str]:
    """The text of each line; the cells of one row of a table are in one line."""
    for row, cells in groupby(lines, key=lambda line: line.cell and line.cell[0]):
        texts = [clean_text(line.text) for line in cells]
        if row is None:
            yield from texts
        else:
            yield " ".join(texts)
