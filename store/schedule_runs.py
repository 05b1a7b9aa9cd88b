"""Runs of schedules: each time due is written down exactly once, whoever looks and however often.

Firing is a compare-and-set on `schedules.next_at` together with the run's row, whose key is
(schedule, time): of several workers that see the same time due, one changes the row. Nothing is
read here; the intake of a run is a matter of its own (store/schedule_intake.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ocrq.errors import UsageError
from store.database import Database
from store.schedule_times import due, following
from store.schedules import RunKind, RunState, Schedule, all_schedules, schedule_of
from store.schema import batches, schedule_runs, schedules
from store.unfinished_runs import is_unfinished

logger = logging.getLogger(__name__)

#: Later than this, a run is called a catch-up.
_IN_TIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRun:
    """A row of `schedule_runs`."""

    fire_at: datetime
    kind: RunKind
    state: RunState
    created_at: datetime
    finished_at: datetime | None = None
    batch: str | None = None
    intake: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStatus:
    """A schedule with its last run."""

    schedule: Schedule
    last: ScheduleRun | None


def fire_due(db: Database) -> int:
    """Write down the runs of all schedules that are due; called by a worker's tick.

    Returns:
        How many are to be done now.
    """
    with db.read() as conn:
        now = db.now(conn)
        active = [row for row in all_schedules(conn) if row.paused_at is None]
    fired = 0
    for row in active:
        try:
            if row.next_at <= now:
                fired += _fire(db, schedule_of(row), now)
            else:
                _mend(db, row, now)
        except (UsageError, ValueError) as exc:  # an unknown time zone, options of another version
            logger.error("schedule %s cannot come due: %s", row.name, exc)
    return fired


def run_now(db: Database, schedule: Schedule) -> ScheduleRun:
    """Write down a run for this moment, beside those that come due."""
    with db.write(durable=True) as conn:
        now = db.now(conn)
        conn.execute(
            insert(schedule_runs).values(
                schedule_id=schedule.id,
                fire_at=now,
                kind=RunKind.MANUAL.value,
                state=RunState.FIRING.value,
                created_at=now,
            )
        )
    return ScheduleRun(fire_at=now, kind=RunKind.MANUAL, state=RunState.FIRING, created_at=now)


def run_history(db: Database, schedule_ids: Collection[int], limit: int) -> list[ScheduleRun]:
    """The newest runs of some schedules, newest first."""
    with db.read() as conn:
        return _runs(conn, schedule_ids, limit)


def list_schedules(db: Database) -> list[ScheduleStatus]:
    """All schedules with their last runs, the next one first, paused ones last."""
    with db.read() as conn:
        return [
            ScheduleStatus(
                schedule=schedule_of(row), last=next(iter(_runs(conn, [row.id], limit=1)), None)
            )
            for row in all_schedules(conn)
        ]


def _runs(conn: Connection, schedule_ids: Collection[int], limit: int) -> list[ScheduleRun]:
    rows = conn.execute(
        select(schedule_runs, batches.c.name.label("batch"))
        .join(batches, batches.c.id == schedule_runs.c.batch_id, isouter=True)
        .where(schedule_runs.c.schedule_id.in_(schedule_ids))
        .order_by(schedule_runs.c.fire_at.desc())
        .limit(limit)
    )
    return [
        ScheduleRun(
            fire_at=row.fire_at,
            kind=RunKind(row.kind),
            state=RunState(row.state),
            created_at=row.created_at,
            finished_at=row.finished_at,
            batch=row.batch,
            intake=json.loads(row.intake_summary or "{}"),
            error=row.error,
        )
        for row in rows
    ]


def _fire(db: Database, schedule: Schedule, now: datetime) -> int:
    plan = schedule.plan
    found = due(plan.cron, plan.time_zone, schedule.next_at, now, plan.grace_s)
    rows: list[dict[str, Any]] = []
    for index, at in enumerate(found.missed):
        error = "no worker looked in time"
        if index == 0 and found.left_out is None:
            error += f"; earlier times since {schedule.next_at:%Y-%m-%d %H:%M} UTC are not listed"
        rows.append({"fire_at": at, "state": RunState.MISSED.value, "kind": RunKind.DUE.value})
        rows[-1] |= {"finished_at": now, "error": error}
    if found.fire_at is not None:
        kind = RunKind.DUE if now - found.fire_at <= _IN_TIME else RunKind.CATCH_UP
        rows.append({"fire_at": found.fire_at, "state": RunState.FIRING.value, "kind": kind.value})
        rows[-1] |= {"finished_at": None, "error": None}
    with db.write(durable=True) as conn:
        if not _move(conn, schedule.id, schedule.next_at, found.next_at):
            return 0  # another worker was first, or it was paused or removed just now
        times = [row["fire_at"] for row in rows]
        # A clock that was set back makes a time due again: its row is there already.
        known = set(
            conn.execute(
                select(schedule_runs.c.fire_at).where(
                    schedule_runs.c.schedule_id == schedule.id,
                    schedule_runs.c.fire_at.in_(times),
                )
            ).scalars()
        )
        new = [
            {"schedule_id": schedule.id, "created_at": now, **row}
            for row in rows
            if row["fire_at"] not in known
        ]
        if new:
            conn.execute(insert(schedule_runs), new)
    for row in new:
        if row["state"] == RunState.MISSED:
            logger.warning("schedule %s missed %s", schedule.name, row["fire_at"].isoformat())
        else:
            logger.info("schedule %s runs for %s", schedule.name, row["fire_at"].isoformat())
    return sum(row["state"] == RunState.FIRING for row in new)


def _mend(db: Database, row: Row[Any], now: datetime) -> None:
    """Bring back a next time that lies too far ahead: the clock had run ahead for a while."""
    expected = following(row.cron, row.time_zone, now)
    if row.next_at > expected:
        with db.write(durable=True) as conn:
            _move(conn, row.id, row.next_at, expected)


def _move(conn: Connection, schedule_id: int, old: datetime, new: datetime) -> bool:
    """The compare-and-set that one of several workers wins."""
    moved = conn.execute(
        update(schedules)
        .where(
            schedules.c.id == schedule_id,
            schedules.c.next_at == old,
            schedules.c.paused_at.is_(None),
            schedules.c.removed_at.is_(None),
        )
        .values(next_at=new)
    )
    return moved.rowcount == 1


def unfinished_runs(db: Database) -> int:
    """Runs whose intake nobody is at just now."""
    with db.read() as conn:
        now = db.now(conn)
        count: int = conn.execute(
            select(func.count())
            .select_from(schedule_runs)
            .where(
                is_unfinished(),
                func.coalesce(schedule_runs.c.lease_until, now) <= now,
            )
        ).scalar_one()
        return count
