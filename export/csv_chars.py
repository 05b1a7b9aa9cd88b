"""CSV with a row for every character; the columns are documented in docs/cli.md and stay."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from export.clean import defuse_cell
from export.document import ExportDocument, ExportPage, word_numbers
from ocrq.types import CharResult

#: New columns are only ever added at the end.
COLUMNS = (
    "document",
    "page",
    "line",
    "position",
    "word",
    "codepoint",
    "char",
    "confidence",
    "x0_px",
    "y0_px",
    "x1_px",
    "y1_px",
    "corrected",
    "alternatives",
)


def csv_chunks(document: ExportDocument) -> Iterator[str]:
    """The file's text (RFC 4180, UTF-8), a page at a time, the header first."""
    yield ",".join(COLUMNS) + "\r\n"
    name = defuse_cell(document.path_text)
    for page in document.pages:
        buffer = io.StringIO()
        csv.writer(buffer).writerows(_rows(name, page))
        yield buffer.getvalue()


def _rows(name: str, page: ExportPage) -> Iterator[tuple[object, ...]]:
    if page.result is None:
        return
    for number, line in enumerate(page.result.lines):
        is_corrected = int(page.machine_text.get(number, line.text) != line.text)
        words = word_numbers(line.chars)
        for position, (char, word) in enumerate(zip(line.chars, words, strict=True)):
            yield (
                name,
                page.number,
                number,
                position,
                "" if word is None else word,
                _codepoint(char.char),
                defuse_cell(char.char),
                round(char.confidence, 6),
                char.box.x0_px,
                char.box.y0_px,
                char.box.x1_px,
                char.box.y1_px,
                is_corrected,
                _alternatives(char),
            )


def _codepoint(char: str) -> str:
    """The Unicode name of a program's kind: `U+0041` for A."""
    return f"U+{ord(char):04X}"


def _alternatives(char: CharResult) -> str:
    """Best first, as code points: safe in a spreadsheet and easy to split.

    >>> from ocrq.types import Box
    >>> box = Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1)
    >>> _alternatives(CharResult(char="0", confidence=0.6, box=box, alternatives=(("O", 0.4),)))
    'U+004F:0.4'
    """
    return " ".join(f"{_codepoint(c)}:{round(p, 6)}" for c, p in char.alternatives)
