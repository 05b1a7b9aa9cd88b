"""The least certain characters of a batch, found in the time of a page or two.

`pages.lowest_confidence` says how sure the least certain character of each page is that nobody has
corrected. The 100 least certain characters of a batch stand on the 100 pages that are lowest by
that, and are no surer than the last of these: an index gives the pages and the bound, another one
the characters below it, whether the batch has ten pages or ten million.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
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

from store.corrected_line import CorrectionKind
from store.database import Database
from store.readings import parse_alternatives
from store.result_tables import characters, corrections, lines
from store.results import DOUBTFUL_BELOW
from store.schema import documents, pages

_PAGES_AT_ONCE = 500

_READ = (
    select(pages.c.id, pages.c.number, pages.c.reading_id, pages.c.lowest_confidence)
    .add_columns(documents.c.path_bytes)
    .where(pages.c.reading_id.is_not(None))
)

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
    db: Database, batch_id: int, limit: int = 50, below: float = DOUBTFUL_BELOW
) -> list[DoubtfulCharacter]:
    """The least confident characters of a batch that nobody has corrected, worst first.

    Looks at some hundred pages in a transaction, so it may run beside a busy queue.
    """
    with db.read() as conn:
        found = _lowest_pages(conn, batch_id, limit, below)
    known = [page for page in found if page.lowest_confidence is not None]
    # So many pages each have a character at or below this: none above it can be among the worst.
    bound = known[limit - 1].lowest_confidence if len(known) >= limit else None
    page_of = {page.reading_id: page for page in found}
    readings = sorted(page_of)
    worst: list[Any] = []
    for at in range(0, len(readings), _PAGES_AT_ONCE):
        with db.read() as conn:
            some = _worst_of(conn, readings[at : at + _PAGES_AT_ONCE], limit, below, bound)
        worst = heapq.nsmallest(limit, [*worst, *some], key=_by_confidence)
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


def _lowest_pages(conn: Connection, batch_id: int, limit: int, below: float) -> list[Any]:
    """Pages where the least certain characters may stand, the lowest first, each reading once.

    First those of which nothing is known: a worker of an older ocrq read them.
    """
    low = pages.c.lowest_confidence < cast(below, REAL)
    own = _READ.where(pages.c.batch_id == batch_id, documents.c.id == pages.c.document_id)
    # An original of this batch is among its own pages; one of another batch comes by its links.
    links = (
        select(documents.c.duplicate_of, func.min(documents.c.id).label("document_id"))
        .where(documents.c.batch_id == batch_id, documents.c.duplicate_of.is_not(None))
        .group_by(documents.c.duplicate_of)
        .subquery()
    )
    linked = _READ.where(
        pages.c.batch_id != batch_id,
        pages.c.document_id == links.c.duplicate_of,
        documents.c.id == links.c.document_id,
    )
    unknown: list[Any] = []
    lowest: list[Any] = []
    for some in (own, linked):
        is_unknown = pages.c.lowest_confidence.is_(None)
        unknown += conn.execute(some.where(is_unknown)).all()
        in_order = some.where(low).order_by(pages.c.lowest_confidence, pages.c.id).limit(limit)
        lowest += conn.execute(in_order).all()
    lowest = heapq.nsmallest(limit, lowest, key=lambda page: (page.lowest_confidence, page.id))
    return [*unknown, *lowest]


def _worst_of(
    conn: Connection,
    reading_ids: Sequence[int],
    limit: int,
    below: float,
    bound: float | None,
) -> Sequence[Any]:
    line = and_(lines.c.reading_id == characters.c.reading_id, lines.c.number == characters.c.line)
    in_doubt = [characters.c.confidence < cast(below, REAL)]
    if bound is not None:
        in_doubt.append(characters.c.confidence <= cast(bound, REAL))
    if below <= DOUBTFUL_BELOW:  # said as the index characters_doubtful says it, so it is used
        in_doubt.append(characters.c.confidence < literal_column(str(DOUBTFUL_BELOW)))
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


def _by_confidence(row: Any) -> tuple[float, int, int, int]:
    return (row.confidence, row.reading_id, row.line, row.position)
