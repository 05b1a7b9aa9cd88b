"""The least certain characters of a batch, found in the time of a page or two.

`pages.lowest_confidence` says how sure the least certain character of each page is that nobody has
corrected. An index gives the pages in this order, another one their characters in doubt, until the
next page has none that is worse than those that were found: a few pages are looked at, whether the
batch has ten or ten million.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    REAL,
    ColumnElement,
    Connection,
    and_,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from ocrq.types import RegionKind
from store.corrected_line import CorrectionKind
from store.database import Database
from store.doubtful_pages import Place, castable, lowest_pages, unknown_pages
from store.readings import parse_alternatives
from store.result_tables import characters, corrections, lines, regions
from store.results import DOUBTFUL_BELOW
from store.schema import pages

_FEW_PAGES, _PAGES_AT_ONCE = 50, 500

_KEY = (characters.c.reading_id, characters.c.line, characters.c.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulCharacter:
    """A character that the machine is not sure of, with the line around it."""

    page_id: int
    path: bytes
    number: int  # of the page
    line: int
    position: int
    char: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    text: str  # of the line as the machine read it; `position` counts in it


def doubtful(
    db: Database,
    batch_id: int,
    limit: int = 50,
    below: float = DOUBTFUL_BELOW,
    *,
    with_picture_text: bool = False,
    without_pages: Collection[int] = (),
) -> list[DoubtfulCharacter]:
    """The least confident characters of a batch that nobody has corrected, worst first.

    Looks at some hundred pages in a transaction, so it may run beside a busy queue.

    Args:
        db: the database.
        batch_id: the batch.
        limit: so many at most.
        below: only those less certain than this.
        with_picture_text: those too that the text export leaves out: what stands in pictures, on
            lines that nobody has corrected. Most of it are strokes and stains, and doubtful.
        without_pages: ids of pages to leave out.
    """
    step = min(max(limit, _FEW_PAGES), _PAGES_AT_ONCE)
    page_of: dict[int, Any] = {}
    worst: list[Any] = []
    with db.read() as conn:
        found = unknown_pages(conn, batch_id)
    place: Place = (-1.0, 0)
    while True:
        looked_at = [page for page in found if page.id not in without_pages]
        page_of.update({page.reading_id: page for page in looked_at})
        readings = sorted(page.reading_id for page in looked_at)
        for at in range(0, len(readings), _PAGES_AT_ONCE):
            bound = worst[-1].confidence if len(worst) == limit else None
            some = readings[at : at + _PAGES_AT_ONCE]
            with db.read() as conn:
                more = _worst_of(conn, some, limit, below, bound, with_picture_text)
            worst = heapq.nsmallest(limit, [*worst, *more], key=_by_confidence)
        with db.read() as conn:
            found = lowest_pages(conn, batch_id, step, below, place)
        if not found or (len(worst) == limit and found[0].lowest_confidence > worst[-1].confidence):
            break
        place = (found[-1].lowest_confidence, found[-1].id)
    return [
        DoubtfulCharacter(
            page_id=page_of[row.reading_id].id,
            path=bytes(page_of[row.reading_id].path_bytes),
            number=page_of[row.reading_id].number,
            line=row.line,
            position=row.position,
            char=row.char,
            confidence=row.confidence,
            alternatives=parse_alternatives(row.alternatives),
            text=row.text,
        )
        for row in worst
    ]


def note_lowest_confidence(conn: Connection, page_id: int, reading_id: int) -> None:
    """After a correction: how sure is the least certain character that is left on the page?"""
    left = select(func.min(characters.c.confidence)).where(
        characters.c.reading_id == reading_id, ~_is_corrected()
    )
    conn.execute(
        update(pages)
        .where(pages.c.id == page_id)
        .values(lowest_confidence=func.coalesce(left.scalar_subquery(), 1.0))
    )


def _worst_of(
    conn: Connection,
    reading_ids: Sequence[int],
    limit: int,
    below: float,
    bound: float | None,
    with_picture_text: bool,
) -> Sequence[Any]:
    line = and_(lines.c.reading_id == characters.c.reading_id, lines.c.number == characters.c.line)
    in_doubt: list[ColumnElement[bool]] = [characters.c.confidence < cast(castable(below), REAL)]
    if bound is not None:
        in_doubt.append(characters.c.confidence <= cast(bound, REAL))
    if below <= DOUBTFUL_BELOW:  # said as the index characters_doubtful says it, so it is used
        in_doubt.append(characters.c.confidence < literal_column(str(DOUBTFUL_BELOW)))
    if not with_picture_text:
        in_doubt.append(~_is_left_out())
    return conn.execute(
        select(characters, lines.c.text)
        .join(lines, line)
        .where(characters.c.reading_id.in_(reading_ids), *in_doubt, ~_is_corrected())
        .order_by(characters.c.confidence, *_KEY)
        .limit(limit)
    ).all()


def _is_corrected() -> ColumnElement[bool]:
    """Of a row of `characters`: somebody has replaced or deleted it, or corrected its line."""
    return exists().where(
        corrections.c.reading_id == characters.c.reading_id,
        corrections.c.line == characters.c.line,
        corrections.c.kind != CorrectionKind.INSERT.value,
        or_(corrections.c.position.is_(None), corrections.c.position == characters.c.position),
    )


def _is_left_out() -> ColumnElement[bool]:
    """Of a row of `lines`: the text export leaves it out (see `export.txt`)."""
    return lines.c.corrected_text.is_(None) & exists().where(
        regions.c.reading_id == lines.c.reading_id,
        regions.c.number == lines.c.region,
        regions.c.kind == RegionKind.PICTURE_TEXT.value,
    )


def _by_confidence(row: Any) -> tuple[float, int, int, int]:
    return (row.confidence, row.reading_id, row.line, row.position)
