"""Queueing pages that had come to an end: tried again, or read again with other options."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from ocrq.types import PageState
from store.schema import batches, pages
from store.turns import next_turn


def requeue(
    conn: Connection,
    batch_id: int,
    page_ids: Sequence[int],
    now: datetime,
    **changes: Any,
) -> bool:
    """Queue pages of one batch with all their attempts, behind those that wait already.

    Each page gets a turn of its own. Many pages of the same turn would all go before the next page
    of every batch that is submitted later.

    Args:
        conn: inside a transaction that has locked the pages.
        batch_id: their batch.
        page_ids: the pages.
        now: the time of the queue.
        changes: more columns to set.

    Returns:
        False, and nothing is queued, where the batch was cancelled since the pages were chosen:
        they would wait for ever, as no claim looks at them.
    """
    batch = conn.execute(
        update(batches)
        .where(batches.c.id == batch_id, batches.c.cancelled_at.is_(None))
        .values(finished_at=None)
        .returning(batches.c.priority)
    ).first()
    if batch is None:
        return False
    first = next_turn(conn, batch_id, batch.priority, now)
    ranked = (
        select(pages.c.id, (func.row_number().over(order_by=pages.c.id) - 1).label("number"))
        .where(pages.c.id.in_(page_ids))
        .subquery("ranked")
    )
    conn.execute(
        update(pages)
        .where(pages.c.id == ranked.c.id)
        .values(
            state=PageState.QUEUED.value,
            attempts=0,
            turn=first + ranked.c.number,
            not_before=None,
            error_code=None,
            error=None,
            **changes,
        )
    )
    return True
