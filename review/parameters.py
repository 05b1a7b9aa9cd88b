"""What may be asked and said; bounds of numbers and texts, so that no database refuses one."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BaseModel, Field

from export.clean import clean_text
from ocrq.errors import UsageError
from ocrq.types import Box
from store.corrected_line import CorrectionKind
from store.database import Database

#: The largest whole number of both databases.
MOST_ID: Final = 2**63 - 1
_MOST_ROWS: Final = 1_000  # of one answer
_LONGEST_LINE: Final = 10_000  # characters
_LONGEST_S: Final = 1e9

Id = Annotated[int, Path(ge=0, le=MOST_ID)]
Limit = Annotated[int, Query(ge=1, le=_MOST_ROWS)]
#: Pages to leave out.
Without = Annotated[frozenset[int], Query(max_length=_MOST_ROWS)]


def _without_controls(name: str) -> str:
    if clean_text(name) != name:
        raise ValueError("no control characters")
    return name


_Name = Annotated[str, AfterValidator(_without_controls)]


def _database(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


Db = Annotated[Database, Depends(_database)]


class Problem(BaseModel):
    """What every error answers."""

    error: str


class _Said(BaseModel):
    """Who says so, and what they had before their eyes."""

    reading_id: int
    seen: str = Field(max_length=_LONGEST_LINE)
    reviewer: _Name = Field(min_length=1, max_length=200)
    mode: _Name = Field("api", min_length=1, max_length=40)
    seconds: float | None = Field(None, ge=0, le=_LONGEST_S)


class SaidOfLine(_Said):
    """What a whole line reads."""

    text: str = Field(max_length=_LONGEST_LINE)


class SaidOfCharacter(_Said):
    """What a character is: `char` is empty for delete."""

    kind: CorrectionKind
    char: str = Field("", max_length=8)


def as_id(word: str) -> int:
    """A number as databases have them.

    Raises:
        ValueError: it is none.
    """
    number = int(word)
    if not -1 <= number <= MOST_ID:
        raise ValueError(word)
    return number


def as_box(words: str) -> Box:
    """The box `x0,y0,x1,y1`, px; what lies left of the page or above it is cut off.

    Raises:
        UsageError: it is none.
    """
    try:
        x0, y0, x1, y1 = (max(0, int(word)) for word in words.split(","))
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
    except ValueError as exc:
        raise UsageError(
            f"box: {words[:99]!r} is not x0,y0,x1,y1 in whole pixels of the page"
        ) from exc
