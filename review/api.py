"""The REST API: batches, pages, pictures of them, and corrections. The web pages use it too."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from ocrq.errors import UsageError
from ocrq.types import Box
from review.answers import batch_json, doubt_json, page_json, pages_json
from review.pictures import Pictures
from store.batches import resolve_batch
from store.corrected_line import CorrectionKind
from store.corrections import LineText, SeenLine, correct_character, correct_line
from store.database import Database
from store.doubts import doubtful
from store.progress import list_batches
from store.readings import load_reading
from store.review_lists import read_scan

router = APIRouter(prefix="/api")

_MOST = 1_000  # rows of one answer
_LONGEST_LINE = 10_000  # characters

Limit = Annotated[int, Query(ge=1, le=_MOST)]


def _database(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


def _pictures(request: Request) -> Pictures:
    pictures: Pictures = request.app.state.pictures
    return pictures


Db = Annotated[Database, Depends(_database)]


class _Said(BaseModel):
    """Who says so, and what they had before their eyes."""

    reading_id: int
    seen: str = Field(max_length=_LONGEST_LINE)
    reviewer: str = Field(min_length=1, max_length=200)
    mode: str = Field("api", min_length=1, max_length=40)
    seconds: float | None = Field(None, ge=0)


class SaidOfLine(_Said):
    """What a whole line reads."""

    text: str = Field(max_length=_LONGEST_LINE)


class SaidOfCharacter(_Said):
    """What a character is: `char` is empty for delete."""

    kind: CorrectionKind
    char: str = Field("", max_length=8)


@router.get("/batches")
def batches(db: Db, limit: Limit = 100) -> list[dict[str, Any]]:
    """The newest batches."""
    return [batch_json(progress) for progress in list_batches(db, limit)]


@router.get("/batches/{batch}/pages")
def batch_pages(
    db: Db, batch: str, after: str = "", limit: Limit = 100, only_doubtful: bool = False
) -> dict[str, Any]:
    """Pages of a batch; ask again with `after` what `next` says."""
    batch_id = resolve_batch(db, batch).id
    return pages_json(db, batch_id, after, limit, only_doubtful=only_doubtful)


@router.get("/batches/{batch}/doubtful")
def batch_doubts(
    db: Db,
    batch: str,
    limit: Limit = 100,
    below: Annotated[float, Query(ge=0, le=1)] = 0.9,
    picture_text: bool = False,
) -> list[dict[str, Any]]:
    """The least certain characters that nobody has settled, worst first."""
    batch_id = resolve_batch(db, batch).id
    found = doubtful(db, batch_id, limit, below, with_picture_text=picture_text)
    return [doubt_json(character) for character in found]


@router.get("/pages/{page_id}")
def page(db: Db, page_id: int) -> dict[str, Any]:
    """All that was read on a page, and what people made of it."""
    scan = read_scan(db, page_id)
    reading = load_reading(db, page_id)
    if reading is None:  # pruned between the two
        raise UsageError(f"page {page_id} has no reading any more")
    return page_json(db, scan, reading)


@router.get("/pages/{page_id}/picture")
def picture(
    db: Db,
    pictures: Annotated[Pictures, Depends(_pictures)],
    page_id: int,
    box: str | None = None,
    longest: Annotated[int, Query(ge=16, le=6_000)] = 2_400,
) -> Response:
    """A page, or the part of it within `box` (x0,y0,x1,y1 in px of the page), as JPEG."""
    part = None if box is None else _parsed(box)
    data, media_type = pictures.part(read_scan(db, page_id), part, longest)
    # The part of the address behind `reading` changes with what it shows (static/api.js).
    return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})


@router.post("/pages/{page_id}/lines/{line}")
def say_line(db: Db, page_id: int, line: int, said: SaidOfLine) -> dict[str, Any]:
    """Correct a whole line; see `ocrq correct`."""
    seen = SeenLine(reading_id=said.reading_id, text=said.seen)
    corrected = correct_line(
        db, page_id, line, said.text, said.reviewer, seen=seen, mode=said.mode, seconds=said.seconds
    )
    return _corrected(corrected)


@router.post("/pages/{page_id}/lines/{line}/characters/{position}")
def say_character(
    db: Db, page_id: int, line: int, position: int, said: SaidOfCharacter
) -> dict[str, Any]:
    """Correct or confirm a character; see `ocrq correct --position`."""
    seen = SeenLine(reading_id=said.reading_id, text=said.seen)
    corrected = correct_character(
        db,
        page_id,
        line,
        position,
        said.kind,
        said.char,
        said.reviewer,
        seen=seen,
        mode=said.mode,
        seconds=said.seconds,
    )
    return _corrected(corrected)


def _corrected(line: LineText) -> dict[str, Any]:
    return {
        "reading_id": line.reading_id,
        "line": line.line,
        "before": line.before,
        "text": line.text,
        "stored": line.is_stored,
    }


def _parsed(box: str) -> Box:
    try:
        x0, y0, x1, y1 = (max(0, int(word)) for word in box.split(","))
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
    except ValueError as exc:
        raise UsageError(f"box: {box!r} is not x0,y0,x1,y1 in whole pixels") from exc
