"""Plain text: reading order, paragraphs apart by an empty line, pages apart by a form feed.

Every page of the document has its place, also one without a reading: the text before the n-th
form feed is always page n, as `pdftotext` has it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import groupby

from export.clean import clean_text
from export.divided import is_divided
from export.document import ExportDocument, TextStyle
from ocrq.types import LineResult, PageResult, RegionKind


def txt_chunks(document: ExportDocument) -> Iterator[str]:
    """The file's text, a page at a time."""
    for index, page in enumerate(document.pages):
        if index:
            yield "\f"
        if page.result is not None:
            yield page_text(page.result, document.style, page.machine_text)


def page_text(
    result: PageResult,
    style: TextStyle = TextStyle(),  # noqa: B008 (frozen)
    reviewed: Container[int] = (),
) -> str:
    """The page's lines; an empty line where a region (a paragraph or block) ends.

    Args:
        result: what was read.
        style: what is done about divided words, the long s and words in pictures.
        reviewed: numbers of lines that people corrected or confirmed. They are written in pictures,
            too: nobody corrects what is not to be text.

    Returns:
        Text that ends with a line break, or nothing for a page without text.
    """
    hidden = hidden_lines(result, style, reviewed)
    paragraphs = []
    for _, numbered in groupby(enumerate(result.lines), key=lambda pair: pair[1].region):
        rows = _rows(line for n, line in numbered if n not in hidden)
        paragraphs.append("\n".join(join_divided(rows) if style.join_hyphens else rows))
    text = "\n\n".join(p for p in paragraphs if p.strip())
    if style.round_s:
        text = text.replace("ſ", "s")
    return f"{text}\n" if text else ""


def hidden_lines(result: PageResult, style: TextStyle, reviewed: Container[int]) -> frozenset[int]:
    """Numbers of the lines that are no text: those in pictures that nobody corrected or confirmed.

    None with the style's `with_picture_text`.
    """
    drawn = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    if style.with_picture_text:
        return frozenset()
    return frozenset(
        number
        for number, line in enumerate(result.lines)
        if line.region in drawn and number not in reviewed
    )


def _rows(lines: Iterable[LineResult]) -> Iterator[str]:
    """The text of each line; the cells of one row of a table are in one line."""
    for row, cells in groupby(lines, key=lambda line: line.cell and line.cell[0]):
        texts = [clean_text(line.text) for line in cells]
        if row is None:
            yield from texts
        else:
            yield " ".join(texts)


def join_divided(lines: Iterable[str]) -> list[str]:
    """Lines whose divided words are whole: the second half goes up to the first.

    A compound that was divided at its own hyphen loses it.

    >>> join_divided(["the quick br-", "own fox", "1914-", "1918 A-", "B"])
    ['the quick brown', 'fox', '1914-', '1918 A-', 'B']
    """
    joined: list[str] = []
    for line in lines:
        before = joined[-1] if joined else ""
        if is_divided(before, line):
            word, _, rest = line.partition(" ")
            joined[-1] = before[:-1] + word
            if rest:
                joined.append(rest)
        else:
            joined.append(line)
    return joined
