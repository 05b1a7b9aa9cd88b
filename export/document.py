"""What a format is given: a document with its pages, corrected or raw, one page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from export.corrected import apply_correction
from ocrq.types import CharResult, PageResult, PageState
from store.paths import path_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """A page of a document; `result` is None for a page that has no reading (yet)."""

    page_id: int
    number: int  # in its document, from 1
    state: PageState
    error_code: str | None = None
    error: str | None = None
    reading_id: int | None = None
    result: PageResult | None = None
    #: What was read on the lines that people corrected; on confirmed ones it is what they say, too.
    machine_text: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How pages are written as plain text."""

    join_hyphens: bool = False  # a word divided at a line's end is written whole, on its first line
    round_s: bool = False  # every long s of old print is written as s
    with_picture_text: bool = False  # words in drawings and photographs, too


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDocument:
    """One scan. `pages` is consumed once: a book of a thousand pages is never whole in memory."""

    batch: str
    path: bytes
    pages: Iterable[ExportPage]
    style: TextStyle = TextStyle()

    @property
    def path_text(self) -> str:
        r"""The path for people, as `documents.path` has it: bytes that are not UTF-8 are `\xNN`."""
        return path_text(self.path)


def correct_page(
    result: PageResult, corrected: Mapping[int, str]
) -> tuple[PageResult, dict[int, str]]:
    """Apply corrected lines (line number from 0 -> text).

    Returns:
        The page as people left it, and what the machine had read on each of these lines, those that
        people found right included.
    """
    machine_text = {
        number: result.lines[number].text for number in corrected if 0 <= number < len(result.lines)
    }
    lines = tuple(
        apply_correction(line, corrected[number]) if number in machine_text else line
        for number, line in enumerate(result.lines)
    )
    return replace(result, lines=lines), machine_text


def word_numbers(chars: Iterable[CharResult]) -> Iterator[int | None]:
    """The word (from 0, in its line) that each character belongs to; None for a space.

    >>> from ocrq.types import Box
    >>> box = Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1)
    >>> list(word_numbers(CharResult(char=c, confidence=1.0, box=box) for c in " to  be"))
    [None, 0, 0, None, None, 1, 1]
    """
    word, is_inside = -1, False
    for char in chars:
        if char.char.isspace():
            is_inside = False
            yield None
            continue
        if not is_inside:
            word, is_inside = word + 1, True
        yield word
