"""Listings for people: pages that failed, characters in doubt."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    REAL,
    Connection,
    and_,
    cast,
    exists,
    literal_column,
    or_,
    select,
)

from ocrq.types import PageState
from store.corrected_line import CorrectionKind
from store.database import Database
from store.readings import parse_alternatives
from store.ready import literal_state
from store.result_tables import characters, corrections, lines
from store.results import DOUBTFUL_BELOW
from store.schema import documents, pages

_DOCUMENTS_AT_ONCE = 500
_RETRYABLE = (PageState.FAILED, PageState.QUARANTINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPage:
    """A page that was given up, and why."""

    page_id: int
    batch_id: int
    document_id: int
    path: bytes
    number: int
    state: PageState  # failed or quarantined
    error_code: str
    error: str
    attempts: int


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


def failed_pages(
    db: Database, batch_id: int | None, limit: int = 100, after: int = 0
) -> list[FailedPage]:
    """Pages that failed or were quarantined, by page id; `after` the last one of a listing."""
    with db.read() as conn:
        rows = conn.execute(
            select(pages, documents.c.path_bytes)
            .join(documents, documents.c.id == pages.c.document_id)
            .where(*_given_up(batch_id, _RETRYABLE), pages.c.id > after)
            .order_by(pages.c.id)
            .limit(limit)
        )
        return [
            FailedPage(
                page_id=row.id,
                batch_id=row.batch_id,
                document_id=row.document_id,
                path=bytes(row.path_bytes),
                number=row.number,
                state=PageState(row.state),
                error_code=row.error_code or "",
                error=row.error or "",
                attempts=row.attempts,
            )
            for row in rows
        ]


def doubtful(
    db: Database, batch_id: int, limit: int = 50, below: float = DOUBTFUL_BELOW
) -> list[DoubtfulCharacter]:
    """The least confident characters of a batch that nobody has corrected, worst first.

    Looks at some hundred documents in a transaction, so it may run beside a busy queue.
    """
    worst: list[tuple[Any, bytes]] = []
    seen: set[int] = set()  # an original and its duplicates are the same characters
    after = 0
    while True:
        with db.read() as conn:
            found = conn.execute(
                select(documents.c.id, documents.c.source_id, documents.c.path_bytes)
                .where(documents.c.batch_id == batch_id, documents.c.id > after)
                .order_by(documents.c.id)
                .limit(_DOCUMENTS_AT_ONCE)
            ).all()
            paths = {row.source_id: bytes(row.path_bytes) for row in reversed(found)}
            fresh = sorted(paths.keys() - seen)
            seen.update(fresh)
            rows = _worst_of(conn, fresh, limit, below) if fresh else ()
        new = [(row, paths[row.document_id]) for row in rows]
        worst = heapq.nsmallest(limit, [*worst, *new], key=_by_confidence)
        if len(found) < _DOCUMENTS_AT_ONCE:
            break
        after = found[-1].id
    return [
        DoubtfulCharacter(
            page_id=row.page_id,
            path=path,
            number=row.page_number,
            line=row.line,
            position=row.position,
            char=row.char,
            confidence=row.confidence,
            alternatives=parse_alternatives(row.alternatives),
            text=row.text,
        )
        for row, path in worst
    ]


def _given_up(batch_id: int | None, states: Collection[PageState]) -> list[Any]:
    conditions: list[Any] = [pages.c.state.in_([literal_state(PageState(s)) for s in states])]
    if batch_id is not None:
        conditions.append(pages.c.batch_id == batch_id)
    return conditions


def _worst_of(
    conn: Connection, document_ids: Sequence[int], limit: int, below: float
) -> Sequence[Any]:
    corrected = exists().where(
        corrections.c.reading_id == characters.c.reading_id,
        corrections.c.line == characters.c.line,
        corrections.c.kind != CorrectionKind.INSERT.value,
        or_(corrections.c.position.is_(None), corrections.c.position == characters.c.position),
    )
    line = and_(lines.c.reading_id == characters.c.reading_id, lines.c.number == characters.c.line)
    in_doubt = [characters.c.confidence < cast(below, REAL)]
    if below <= DOUBTFUL_BELOW:  # said as the index characters_doubtful says it, so it is used
        in_doubt.append(characters.c.confidence < literal_column(str(DOUBTFUL_BELOW)))
    return conn.execute(
        select(characters, lines.c.text, pages.c.document_id)
        .add_columns(pages.c.id.label("page_id"), pages.c.number.label("page_number"))
        .join_from(pages, characters, characters.c.reading_id == pages.c.reading_id)
        .join(lines, line)
        .where(pages.c.document_id.in_(document_ids), *in_doubt, ~corrected)
        .order_by(characters.c.confidence, pages.c.id, characters.c.line, characters.c.position)
        .limit(limit)
    ).all()


def _by_confidence(found: tuple[Any, bytes]) -> tuple[float, int, int, int]:
    row, _ = found
    return (row.confidence, row.page_id, row.line, row.position)
