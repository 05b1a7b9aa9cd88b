"""The REST API: batches, pages, pictures of them, and corrections. The web pages use it too."""

from __future__ import annotations

import functools
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from ocrq.errors import NotFound
from ocrq.types import Box
from review.answers import batch_json, doubt_json, page_json, pages_json
from review.parameters import (
    Db,
    Id,
    Limit,
    Problem,
    SaidOfCharacter,
    SaidOfLine,
    Without,
    as_box,
)
from review.pictures import Pictures
from store.batches import resolve_batch
from store.corrections import LineText, SeenLine, correct_character, correct_line
from store.database import Database
from store.doubts import doubtful
from store.progress import list_batches
from store.readings import load_reading
from store.review_lists import read_scan

_PROBLEMS: dict[int, str] = {
    401: "the token is missing or wrong",
    404: "there is no such batch, page, line or character",
    422: "a parameter or a text cannot be used",
    503: "the database cannot be reached, or lacks a right; try again",
}
_OF_CORRECTIONS: dict[int, str] = {
    403: "not JSON, or from another site's page",
    409: "the line was corrected, or the page read anew, meanwhile",
    413: "the body is too long",
}
_OF_PICTURES: dict[int, str] = {410: "the scan is gone or was changed"}


def _problems(said: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Problem, "description": why} for status, why in said.items()}


router = APIRouter(prefix="/api", responses=_problems(_PROBLEMS))


def _pictures(request: Request) -> Pictures:
    pictures: Pictures = request.app.state.pictures
    return pictures


@router.get("/batches")
def batches(db: Db, limit: Limit = 100) -> list[dict[str, Any]]:
    """The newest batches."""
    return [batch_json(progress) for progress in list_batches(db, limit)]


@router.get("/batches/{batch}/pages")
def batch_pages(
    db: Db, batch: str, after: str = "", limit: Limit = 100, only_doubtful: bool = False
) -> dict[str, Any]:
    """Pages of a batch; ask again with `after` what `next` says."""
    batch_id = resolve_batch(db, batch, ids_win=True).id
    return pages_json(db, batch_id, after, limit, only_doubtful=only_doubtful)


@router.get("/batches/{batch}/doubtful")
def batch_doubts(
    db: Db,
    batch: str,
    limit: Limit = 100,
    below: Annotated[float, Query(ge=0, le=1)] = 0.9,
    picture_text: bool = False,
    without_page: Without = frozenset(),
) -> list[dict[str, Any]]:
    """The least certain characters that nobody has settled, worst first."""
    batch_id = resolve_batch(db, batch, ids_win=True).id
    found = doubtful(
        db, batch_id, limit, below, with_picture_text=picture_text, without_pages=without_page
    )
    return [doubt_json(character) for character in found]


@router.get("/pages/{page_id}")
def page(db: Db, page_id: Id) -> dict[str, Any]:
    """All that was read on a page, and what people made of it."""
    scan = read_scan(db, page_id)
    reading = load_reading(db, page_id)
    if reading is None:  # pruned between the two
        raise NotFound(f"page {page_id} has no reading any more")
    return page_json(db, scan, reading)


@router.get(
    "/pages/{page_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **_problems(_OF_PICTURES)},
)
async def picture(
    db: Db,
    pictures: Annotated[Pictures, Depends(_pictures)],
    page_id: Id,
    box: str | None = None,
    longest: Annotated[int, Query(ge=16, le=6_000)] = 2_400,
) -> Response:
    """A page, or the part of it within `box` (x0,y0,x1,y1 in px of the page), as JPEG."""
    # Pictures have threads of their own: a heap of them keeps nobody from correcting.
    data, media_type = await to_thread.run_sync(
        functools.partial(_picture, db, pictures, page_id, box, longest), limiter=pictures.limiter
    )
    # The part of the address behind `reading` changes with what it shows (static/api.js).
    return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})


@router.post("/pages/{page_id}/lines/{line}", responses=_problems(_OF_CORRECTIONS))
def say_line(db: Db, page_id: Id, line: int, said: SaidOfLine) -> dict[str, Any]:
    """Correct a whole line; see `ocrq correct`."""
    seen = SeenLine(reading_id=said.reading_id, text=said.seen)
    corrected = correct_line(
        db, page_id, line, said.text, said.reviewer, seen=seen, mode=said.mode, seconds=said.seconds
    )
    return _corrected(corrected)


@router.post(
    "/pages/{page_id}/lines/{line}/characters/{position}", responses=_problems(_OF_CORRECTIONS)
)
def say_character(
    db: Db, page_id: Id, line: int, position: int, said: SaidOfCharacter
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


def _picture(
    db: Database, pictures: Pictures, page_id: int, box: str | None, longest_px: int
) -> tuple[bytes, str]:
    part: Box | None = None if box is None else as_box(box)
    return pictures.part(read_scan(db, page_id), part, longest_px)


def _corrected(line: LineText) -> dict[str, Any]:
    return {
        "reading_id": line.reading_id,
        "line": line.line,
        "before": line.before,
        "text": line.text,
        "stored": line.is_stored,
    }
