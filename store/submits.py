"""Submits at work: while one writes to a batch, that batch is not complete, whoever sealed it.

Several submits may fill one batch, and each seals it at its end. A row of `submits` tells the
others that one is still at work. A submit that was killed cannot take its row away: without a sign
of life it counts for half a minute only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from store.database import Database
from store.schema import batches, schedule_runs, submits
from store.unfinished_runs import is_unfinished

#: A submit shows that it is alive this often, and is believed to be for so long.
SEE_EVERY_S = 5.0
_LIVES = timedelta(seconds=30)
_FORGOTTEN_AFTER = timedelta(days=1)


def begin_submit(conn: Connection, batch_id: int, name: str, now: datetime) -> None:
    """Note a submit, in the transaction that opens its batch; forgets those of long ago."""
    conn.execute(delete(submits).where(submits.c.seen_at < now - _FORGOTTEN_AFTER))
    conn.execute(insert(submits).values(name=name, batch_id=batch_id, started_at=now, seen_at=now))


def see_submit(db: Database, name: str) -> None:
    """A sign of life."""
    with db.write() as conn:
        conn.execute(update(submits).where(submits.c.name == name).values(seen_at=db.now(conn)))


def end_submit(conn: Connection, name: str) -> None:
    """It writes nothing more."""
    conn.execute(delete(submits).where(submits.c.name == name))


def is_being_filled(now: datetime) -> ColumnElement[bool]:
    """Of a row of `batches`: a submit, or the intake of a schedule, is at work on it."""
    by_submit = select(submits.c.name).where(submits.c.batch_id == batches.c.id, _is_alive(now))
    by_run = select(schedule_runs.c.fire_at).where(
        schedule_runs.c.batch_id == batches.c.id, is_unfinished()
    )
    return or_(by_submit.exists(), by_run.exists())


def count_submits(conn: Connection, batch_id: int, now: datetime) -> int:
    """Submits, and intakes of schedules, that are at work on a batch."""
    alive = select(func.count()).where(submits.c.batch_id == batch_id, _is_alive(now))
    runs = select(func.count()).where(schedule_runs.c.batch_id == batch_id, is_unfinished())
    count: int = conn.execute(select(alive.scalar_subquery() + runs.scalar_subquery())).scalar_one()
    return count


def _is_alive(now: datetime) -> ColumnElement[bool]:
    # seen in the future: the clock was set back, and nobody has given a sign of life since
    return submits.c.seen_at.between(now - _LIVES, now + _LIVES)
