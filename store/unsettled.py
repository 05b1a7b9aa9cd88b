"""Giving back what a process may or may not hold, because the database's answer was lost."""

from __future__ import annotations

from sqlalchemy import update

from ocrq.types import PageState
from store.database import Database
from store.leases import freed, held_by_task
from store.postponing import pause_end
from store.schema import pages


def give_back(db: Database, task_id: str, delay_s: float, owner: str | None = None) -> int:
    """Queue the page that a task holds, if it holds one, with its attempt.

    A connection that breaks while a transaction commits leaves it open whether the page was
    claimed, or whether its end was written. The id of the task says it.

    Args:
        db: the database.
        task_id: of the task that this process is at, or was.
        delay_s: how long the page waits before it may be claimed.
        owner: this child, or the worker whose child it was. A bell may be doubled by its broker:
            then another process has the same task.

    Returns:
        How many pages were given back, 0 or 1.
    """
    with db.write() as conn:
        return conn.execute(
            update(pages)
            .where(held_by_task(task_id, owner))
            .values(
                **freed(PageState.QUEUED) | {"not_before": pause_end(db, conn, delay_s)},
                attempts=pages.c.attempts - 1,
            )
        ).rowcount
