"""What a format is given: a document with its pages, corrected or raw, one page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from export.clean import clean_text
from export.corrected import apply_correction
from ocrq.types import CharResult, PageResult, PageState
from store.paths import path_text

if TYPE_CHECKING:  # text formats need no imaging
    from pipeline.scans.stored_picture import StoredPicture


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
    options: str = "{}"  # what the reading was asked for, as JSON
    read_at: datetime | None = None

    @property
    def why_unread(self) -> str:
        """Why the page has no reading, a clean line for people.

        >>> ExportPage(
        ...     page_id=1, number=1, state=PageState.FAILED, error_code="empty", error="no bytes"
        ... ).why_unread
        'no reading: failed (empty: no bytes)'
        """
        reason = ": ".join(part for part in (self.error_code, self.error) if part)
        return clean_text(f"no reading: {self.state.value}" + (f" ({reason})" if reason else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How pages are written as plain text, and what of it is in a PDF."""

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
    page_count: int = 1  # of the scan
    sha256: str | None = None  # of the scan
    submitted_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)  # when its batch was made
    #: The picture of a page, for formats that hold it; PageError where there is none.
    picture: Callable[[ExportPage], StoredPicture] | None = None

    @property
    def file_name(self) -> str:
        r"""The scan's own name, clean and readable.

        >>> ExportDocument(batch="b", path=b"/scans/caf\xe9.tif", pages=()).file_name
        'caf\\xe9.tif'
        """
        return clean_text(path_text(self.path.rpartition(b"/")[2]))

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
