"""Whose turn it is: start-time fair queueing, so that a small batch finishes beside a huge one.

Goyal, Vin and Cheng 1996: work gets a start tag when it arrives, never below the tag that is
served now, and the lowest tag is served first. Page n of a batch that arrives gets the lowest
queued turn of its priority + n, so it alternates with the batches that are already there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from ocrq.types import PageState
from store.ready import batch_is_open, literal_state
from store.schema import batches, pages


def next_turn(conn: Connection, batch_id: int, priority: int, now: datetime) -> int:
    """The turn of the next page that enters this batch; the ones after it count on."""
    queued = pages.c.state == literal_state(PageState.QUEUED)
    own: int | None = conn.execute(
        select(func.max(pages.c.turn)).where(pages.c.batch_id == batch_id, queued)
    ).scalar()
    return own + 1 if own is not None else current_turn(conn, priority, now)


def current_turn(conn: Connection, priority: int, now: datetime) -> int:
    """The lowest queued turn of a priority: the one that is served now; 0 when none waits."""
    head = (
        select(pages.c.turn)
        .where(
            pages.c.batch_id == batches.c.id,
            pages.c.state == literal_state(PageState.QUEUED),
        )
        .order_by(pages.c.turn, pages.c.id)
        .limit(1)
        .correlate(batches)
        .scalar_subquery()
    )
    lowest: int | None = conn.execute(
        select(func.min(head)).where(batch_is_open(now), batches.c.priority == priority)
    ).scalar()
    return lowest or 0
