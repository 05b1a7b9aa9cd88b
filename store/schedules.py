"""Schedules: what is submitted by itself at set times. Their runs are in store/schedule_runs.py."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ocrq.errors import UsageError
from ocrq.types import PageOptions
from store.database import Database
from store.intake import OnDuplicate
from store.near_names import near_names
from store.schedule_times import check_cron, following
from store.schema import duties, schedule_files, schedule_runs, schedules
from store.windows import Window

#: The duty of looking for schedules that are due, and how often a worker does it.
DUTY = "schedules"
LOOK_EVERY_S = 5.0
#: A tick is never more exact than this: less grace would miss what is in time.
SHORTEST_GRACE_S = 60.0


class RunState(StrEnum):
    """How far a run is; stored as text."""

    FIRING = "firing"  # waits for its intake
    INTAKE = "intake"  # the paths are looked through
    SUBMITTED = "submitted"  # its batch is complete
    EMPTY = "empty"  # nothing was new or changed
    MISSED = "missed"  # no worker ran, or none in time
    FAILED = "failed"


class RunKind(StrEnum):
    """Why a run came about; stored as text."""

    DUE = "due"
    CATCH_UP = "catch-up"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a schedule does, and when."""

    cron: str
    time_zone: str
    paths: tuple[bytes, ...]  # absolute
    options: PageOptions
    is_recursive: bool = True
    on_duplicate: OnDuplicate = "link"
    priority: int = 5  # 0..9, 9 is the soonest
    window: Window | None = None  # None: its batches are read at once
    grace_s: float = 6 * 3600.0  # a missed time is made up for within so many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A row of `schedules`."""

    id: int
    name: str
    plan: Plan
    next_at: datetime
    paused_at: datetime | None
    removed_at: datetime | None
    created_at: datetime


def add_schedule(db: Database, name: str, plan: Plan) -> Schedule:
    """Write down a new schedule; it comes due for the first time after now.

    Raises:
        UsageError: the name is taken or empty, or something of the plan cannot be used.
    """
    if not name.strip() or not name.isprintable():
        raise UsageError("a schedule needs a name of printable characters")
    if not 0 <= plan.priority <= 9:
        raise UsageError(f"priority must be 0..9 (9 is the soonest), not {plan.priority}")
    if plan.grace_s < SHORTEST_GRACE_S:
        raise UsageError(
            f"the grace time must be {SHORTEST_GRACE_S:.0f} s at least, for workers look for"
            f" schedules each {LOOK_EVERY_S:.0f} s"
        )
    check_cron(plan.cron, plan.time_zone)
    try:
        with db.write(durable=True) as conn:
            now = db.now(conn)
            made = conn.execute(
                insert(schedules)
                .values(
                    name=name,
                    cron=plan.cron,
                    time_zone=plan.time_zone,
                    paths=json.dumps([os.fsdecode(path) for path in plan.paths]),
                    options=plan.options.to_json(),
                    is_recursive=plan.is_recursive,
                    on_duplicate=plan.on_duplicate,
                    priority=plan.priority,
                    time_window=str(plan.window) if plan.window else None,
                    grace_s=plan.grace_s,
                    next_at=following(plan.cron, plan.time_zone, now),
                    created_at=now,
                )
                .returning(schedules)
            ).one()
    except IntegrityError as exc:
        raise UsageError(
            f"there is a schedule {name!r} already; choose another name, or remove that one first"
        ) from exc
    return schedule_of(made)


def resolve_schedule(db: Database, name: str) -> Schedule:
    """The schedule of a name.

    Raises:
        UsageError: there is none; the message lists near names.
    """
    found = schedules_named(db, name)
    if found[0].removed_at is not None:
        raise UsageError(
            f"schedule {name!r} was removed; its runs: ocrq schedule history {shlex.quote(name)}"
        )
    return found[0]


def schedules_named(db: Database, name: str) -> list[Schedule]:
    """All schedules that ever had a name, the present one first, then those removed last.

    Raises:
        UsageError: there is none; the message lists near names of those that are there.
    """
    with db.read() as conn:
        newest = select(schedules).order_by(schedules.c.id.desc())
        found = conn.execute(newest.where(schedules.c.name == name)).all()
        if found:
            return [schedule_of(row) for row in found]
        names = sorted(row.name for row in all_schedules(conn))
    hint = near_names(name, names) or "; there is none just now"
    raise UsageError(f"there is no schedule {name!r}{hint}")


def all_schedules(conn: Connection) -> Sequence[Row[Any]]:
    """The rows of all schedules that were not removed, the next one first, paused ones last."""
    return conn.execute(
        select(schedules)
        .where(schedules.c.removed_at.is_(None))
        .order_by(schedules.c.paused_at.is_not(None), schedules.c.next_at, schedules.c.name)
    ).all()


def pause_schedule(db: Database, schedule_id: int) -> bool:
    """It comes due no more until it is resumed; False: it is paused already."""
    with db.write(durable=True) as conn:
        return (
            conn.execute(
                update(schedules)
                .where(schedules.c.id == schedule_id, schedules.c.paused_at.is_(None))
                .values(paused_at=db.now(conn))
            ).rowcount
            == 1
        )


def resume_schedule(db: Database, schedule: Schedule) -> Schedule | None:
    """It comes due again, from the next time on: times while it was paused are not made up for.

    Returns:
        The schedule as it is now; None: it was not paused.
    """
    with db.write(durable=True) as conn:
        next_at = following(schedule.plan.cron, schedule.plan.time_zone, db.now(conn))
        row = conn.execute(
            update(schedules)
            .where(schedules.c.id == schedule.id, schedules.c.paused_at.is_not(None))
            .values(paused_at=None, next_at=next_at)
            .returning(schedules)
        ).first()
    return schedule_of(row) if row is not None else None


def remove_schedule(db: Database, schedule_id: int) -> None:
    """It never comes due again; its name is free, its runs stay in SQL.

    What it has taken in is forgotten: a schedule of the same name starts anew. A run that waits
    for its intake fails; one whose intake has begun is brought to its end.
    """
    with db.write(durable=True) as conn:
        now = db.now(conn)
        conn.execute(
            update(schedules)
            .where(schedules.c.id == schedule_id, schedules.c.removed_at.is_(None))
            .values(removed_at=now)
        )
        conn.execute(
            update(schedule_runs)
            .where(
                schedule_runs.c.schedule_id == schedule_id,
                schedule_runs.c.state == RunState.FIRING.value,
            )
            .values(
                state=RunState.FAILED.value,
                finished_at=now,
                error="the schedule was removed first",
            )
        )
        conn.execute(delete(schedule_files).where(schedule_files.c.schedule_id == schedule_id))


def unattended_s(db: Database) -> float | None:
    """For how many seconds no worker has looked for schedules; None: none ever did."""
    with db.read() as conn:
        due_at = conn.execute(select(duties.c.due_at).where(duties.c.name == DUTY)).scalar()
        if due_at is None:
            return None
        looked_at = due_at - timedelta(seconds=LOOK_EVERY_S)
        silent_s: float = (db.now(conn) - looked_at).total_seconds()
        return max(0.0, silent_s)


def schedule_of(row: Row[Any]) -> Schedule:
    """A row of `schedules` as a Schedule."""
    return Schedule(
        id=row.id,
        name=row.name,
        plan=Plan(
            cron=row.cron,
            time_zone=row.time_zone,
            paths=tuple(os.fsencode(path) for path in json.loads(row.paths)),
            options=PageOptions.from_json(row.options),
            is_recursive=row.is_recursive,
            on_duplicate=cast(OnDuplicate, row.on_duplicate),
            priority=row.priority,
            window=Window.from_text(row.time_window) if row.time_window else None,
            grace_s=row.grace_s,
        ),
        next_at=row.next_at,
        paused_at=row.paused_at,
        removed_at=row.removed_at,
        created_at=row.created_at,
    )
