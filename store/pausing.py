"""Pausing, resuming and ordering batches: changes of one row, whatever number of pages waits.

Pages that are being read are finished. Pausing everything is a row of `holds`, not a mark on each
batch: it holds batches too that are submitted later, and a batch paused by itself stays paused when
everything is resumed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import Batch, batch_of
from store.database import Database
from store.schema import batches, holds, pages
from store.submits import count_submits
from store.turns import rejoin

#: The hold on everything.
_ALL = "all"


def pause_batch(db: Database, batch_id: int) -> bool:
    """Start no page of a batch from now on; False when it was paused already.

    Raises:
        UsageError: it is cancelled, or has nothing left to read.
    """
    with db.write(durable=True) as conn:
        batch = _locked(conn, batch_id)
        _refuse_cancelled(batch, "paused")
        if batch.paused_at is not None:
            return False
        now = db.now(conn)
        is_complete = batch.sealed_at is not None and not count_submits(conn, batch_id, now)
        if is_complete and not _has_unfinished(conn, batch_id):
            raise UsageError(f"batch {batch.name!r} is done: no page waits that could be paused")
        conn.execute(update(batches).where(batches.c.id == batch_id).values(paused_at=now))
        return True


def resume_batch(db: Database, batch_id: int) -> bool:
    """Go on with a batch, beside the others of its priority; False when it was not paused.

    Raises:
        UsageError: it is cancelled.
    """
    with db.write(durable=True) as conn:
        batch = _locked(conn, batch_id)
        _refuse_cancelled(batch, "resumed")
        if batch.paused_at is None:
            return False
        conn.execute(update(batches).where(batches.c.id == batch_id).values(paused_at=None))
        rejoin(conn, batch_id, batch.priority, db.now(conn), is_new_class=False)
        return True


def set_priority(db: Database, batch_id: int, priority: int) -> int:
    """Change how soon the waiting pages of a batch are read.

    Returns:
        The priority that it had.

    Raises:
        UsageError: the number is not 0..9, or the batch is cancelled.
    """
    if not 0 <= priority <= 9:
        raise UsageError(f"priority must be 0..9 (9 is the soonest), not {priority}")
    with db.write(durable=True) as conn:
        batch = _locked(conn, batch_id)
        _refuse_cancelled(batch, "put before or behind others")
        if batch.priority != priority:
            conn.execute(update(batches).where(batches.c.id == batch_id).values(priority=priority))
            rejoin(conn, batch_id, priority, db.now(conn), is_new_class=True)
        return batch.priority


def hold_everything(db: Database) -> bool:
    """Start no page at all from now on, of no batch; False when that was so already."""
    try:
        with db.write(durable=True) as conn:
            conn.execute(insert(holds).values(name=_ALL, created_at=db.now(conn)))
    except IntegrityError:
        return False
    return True


def release_everything(db: Database) -> bool:
    """Take the hold on everything away; False when there was none."""
    with db.write(durable=True) as conn:
        return conn.execute(delete(holds).where(holds.c.name == _ALL)).rowcount == 1


def held_since(db: Database) -> datetime | None:
    """Since when everything is paused; None: it is not."""
    with db.read() as conn:
        found: datetime | None = conn.execute(
            select(holds.c.created_at).where(holds.c.name == _ALL)
        ).scalar()
        return found


def paused_batches(db: Database) -> list[Batch]:
    """Batches that are paused by themselves and go on when they are resumed, oldest first."""
    with db.read() as conn:
        rows = conn.execute(
            select(batches)
            .where(
                batches.c.finished_at.is_(None),
                batches.c.cancelled_at.is_(None),
                batches.c.paused_at.is_not(None),
            )
            .order_by(batches.c.id)
        )
        return [batch_of(row) for row in rows]


def _locked(conn: Connection, batch_id: int) -> Batch:
    return batch_of(
        conn.execute(select(batches).where(batches.c.id == batch_id).with_for_update()).one()
    )


def _refuse_cancelled(batch: Batch, what: str) -> None:
    if batch.cancelled_at is not None:
        raise UsageError(
            f"batch {batch.name!r} was cancelled and cannot be {what};"
            " to read the rest, submit it again under another name"
        )


def _has_unfinished(conn: Connection, batch_id: int) -> bool:
    unfinished = exists().where(
        pages.c.batch_id == batch_id,
        pages.c.state.in_([PageState.QUEUED, PageState.LEASED]),
    )
    return bool(conn.execute(select(unfinished)).scalar())
