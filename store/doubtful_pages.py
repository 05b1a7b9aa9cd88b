"""The pages of a batch in the order of their least certain characters."""

from __future__ import annotations

import heapq
from typing import Any, Final

from sqlalchemy import REAL, Connection, Select, and_, cast, func, or_, select

from store.schema import documents, pages

#: Confidence of its least certain character, and id: where a page stands in this order.
Place = tuple[float, int]

_LEAST_REAL: Final = 1.2e-38

_READ = (
    select(pages.c.id, pages.c.number, pages.c.reading_id, pages.c.lowest_confidence)
    .add_columns(documents.c.path_bytes)
    .where(pages.c.reading_id.is_not(None))
)


def castable(confidence: float) -> float:
    """The same, or 0 where PostgreSQL would refuse to cast it to REAL because it is too small.

    >>> castable(0.5), castable(1e-320)
    (0.5, 0.0)
    """
    return confidence if abs(confidence) >= _LEAST_REAL else 0.0


def unknown_pages(conn: Connection, batch_id: int) -> list[Any]:
    """Pages of which nothing is known: a worker of an older ocrq read them."""
    is_unknown = pages.c.lowest_confidence.is_(None)
    return [page for some in _read_pages(batch_id) for page in conn.execute(some.where(is_unknown))]


def lowest_pages(
    conn: Connection, batch_id: int, limit: int, below: float, place: Place
) -> list[Any]:
    """The pages after this place where doubtful characters stand, the lowest first."""
    confidence, page_id = cast(castable(place[0]), REAL), place[1]
    lowest_confidence = pages.c.lowest_confidence
    is_next = and_(
        lowest_confidence < cast(castable(below), REAL),
        lowest_confidence >= confidence,
        or_(lowest_confidence > confidence, pages.c.id > page_id),
    )
    found = [
        page
        for some in _read_pages(batch_id)
        for page in conn.execute(
            some.where(is_next).order_by(lowest_confidence, pages.c.id).limit(limit)
        )
    ]
    return heapq.nsmallest(limit, found, key=lambda page: (page.lowest_confidence, page.id))


def _read_pages(batch_id: int) -> tuple[Select[Any], Select[Any]]:
    """The pages of the batch that have a reading, and those of its duplicates' originals elsewhere.

    No page is in both, and each comes once.
    """
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
    return own, linked
