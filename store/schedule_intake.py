"""The intake of a run: who does it, what the schedule knows already, and how it ended.

A run is leased like a page: an intake that dies is taken up by another worker when its lease runs
out, and one that comes back from a long sleep can write nothing (fence). The documents of a
commit and what the schedule knows of their files are written in one transaction, so whoever goes
on takes no file twice and leaves none out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from ocrq.errors import StoreError
from store.batches import Batch, batch_of, insert_batch, numbered_names
from store.database import Database
from store.schedule_times import time_zone
from store.schedules import RunState, Schedule, schedule_of
from store.schema import (
    batches,
    documents,
    pages,
    schedule_files,
    schedule_runs,
    schedules,
)
from store.unfinished_runs import is_unfinished

#: Intakes that die without a single commit, and the run is given up.
MOST_ATTEMPTS = 10
_OTHER = schedule_runs.alias("other")


class RunLost(StoreError):
    """The intake of a run was taken up by another worker; this one can write nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunClaim:
    """A run whose intake is ours until its lease runs out."""

    schedule: Schedule
    fire_at: datetime
    fence: int
    batch_id: int | None  # made by an intake that was broken off


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file as a schedule is to remember it."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    sha256: str | None


def claim_run(db: Database, owner: str, lease_s: float) -> RunClaim | None:
    """Take up the oldest run that waits, or whose intake died; None when there is none.

    The runs of one schedule are taken in one after the other: what the first takes is not new to
    the second.
    """
    with db.write(durable=True) as conn:
        now = db.now(conn)
        waiting = conn.execute(
            select(schedule_runs)
            .where(is_unfinished(), ~_is_held(now))
            .order_by(schedule_runs.c.fire_at)
            .limit(100)
        ).all()
        for row in waiting:
            # Locked first: two workers may look at two runs of one schedule.
            schedule = conn.execute(
                select(schedules)
                .where(schedules.c.id == row.schedule_id)
                .with_for_update(skip_locked=True)
            ).first()
            if schedule is None or _is_another_first(conn, row, now):
                continue
            claim = _take(conn, row, schedule_of(schedule), owner, now, lease_s)
            if claim is not None:
                return claim
    return None


def hold_run(db: Database, claim: RunClaim, lease_s: float) -> bool:
    """Hold a run for another lease; False: it was taken away."""
    with db.write() as conn:
        until = db.now(conn) + timedelta(seconds=lease_s)
        held = update(schedule_runs).where(*_held(claim)).values(lease_until=until)
        return conn.execute(held).rowcount == 1


def give_back_runs(db: Database, owner: str) -> int:
    """The worker of these intakes has ended: another may take them up at once."""
    with db.write() as conn:
        return conn.execute(
            update(schedule_runs)
            .where(schedule_runs.c.owner == owner, is_unfinished())
            .values(lease_until=None, owner=None, attempts=schedule_runs.c.attempts - 1)
        ).rowcount


def run_batch(db: Database, claim: RunClaim, options_hash: str) -> Batch:
    """The batch of a run, `NAME-20261120`: made when something is new, found when going on.

    Raises:
        RunLost: another worker has the run.
    """
    schedule = claim.schedule
    with db.write(durable=True) as conn:
        row = check_held(conn, claim)
        if row.batch_id is not None:
            found = conn.execute(select(batches).where(batches.c.id == row.batch_id)).one()
            return batch_of(found)
        local = claim.fire_at.astimezone(time_zone(schedule.plan.time_zone))
        name = f"{schedule.name}-{local:%Y%m%d}"
        batch = insert_batch(
            conn,
            db.now(conn),
            names=chain([name], numbered_names(conn, f"{name}-")),
            options=schedule.plan.options,
            options_hash=options_hash,
            priority=schedule.plan.priority,
            window=schedule.plan.window,
        )
        assert batch is not None  # numbers do not come to an end
        conn.execute(update(schedule_runs).where(*_held(claim)).values(batch_id=batch.id))
        return batch


def check_held(conn: Connection, claim: RunClaim) -> Row[tuple[int | None]]:
    """Hold the run until the end of this transaction, whose commit is a sign of life.

    Raises:
        RunLost: another worker has it.
    """
    row: Row[tuple[int | None]] | None = conn.execute(
        update(schedule_runs)
        .where(*_held(claim))
        .values(attempts=1)
        .returning(schedule_runs.c.batch_id)
    ).first()
    if row is None:
        raise RunLost
    return row


def known_files(db: Database, schedule_id: int, paths: Collection[bytes]) -> dict[bytes, SeenFile]:
    """The files of these paths as the schedule knows them."""
    keys = {_key(path): path for path in paths}
    with db.read() as conn:
        rows = conn.execute(
            select(schedule_files).where(
                schedule_files.c.schedule_id == schedule_id, schedule_files.c.path_key.in_(keys)
            )
        )
        return {
            keys[row.path_key]: SeenFile(
                path=keys[row.path_key],
                size_bytes=row.size_bytes,
                mtime_ns=row.mtime_ns,
                sha256=row.sha256,
            )
            for row in rows
        }


def remember_files(conn: Connection, claim: RunClaim, files: Sequence[SeenFile]) -> None:
    """Let the schedule know these files as they are now."""
    if not files:
        return
    rows = {
        _key(file.path): {
            "schedule_id": claim.schedule.id,
            "path_key": _key(file.path),
            "size_bytes": file.size_bytes,
            "mtime_ns": file.mtime_ns,
            "sha256": file.sha256,
            "fire_at": claim.fire_at,
        }
        for file in files
    }
    conn.execute(
        delete(schedule_files).where(
            schedule_files.c.schedule_id == claim.schedule.id,
            schedule_files.c.path_key.in_(rows),
        )
    )
    conn.execute(insert(schedule_files), list(rows.values()))


def finish_run(
    db: Database, claim: RunClaim, counts: Mapping[str, int], error: str | None = None
) -> RunState:
    """The intake came to its end; its batch, if there is one, is complete.

    Args:
        db: the database.
        claim: the run.
        counts: what was found, added to what the batch holds.
        error: why not everything could be taken; None: all was.

    Raises:
        RunLost: another worker has it.
    """
    with db.write(durable=True) as conn:
        now = db.now(conn)
        batch_id = check_held(conn, claim).batch_id
        _end(conn, claim, now, batch_id, counts, error)
    if error is not None:
        return RunState.FAILED
    return RunState.EMPTY if batch_id is None else RunState.SUBMITTED


def _end(
    conn: Connection,
    claim: RunClaim,
    now: datetime,
    batch_id: int | None,
    counts: Mapping[str, int],
    error: str | None,
) -> None:
    state = RunState.EMPTY if batch_id is None else RunState.SUBMITTED
    if batch_id is not None:
        conn.execute(update(batches).where(batches.c.id == batch_id).values(sealed_at=now))
    conn.execute(
        update(schedule_runs)
        .where(*_held(claim))
        .values(
            state=(RunState.FAILED if error is not None else state).value,
            error=error,
            intake_summary=json.dumps({**counts, **_batch_counts(conn, batch_id)}),
            finished_at=now,
            lease_until=None,
            owner=None,
        )
    )


def _take(
    conn: Connection, row: Row[tuple[object, ...]], schedule: Schedule, owner: str, now: datetime,
    lease_s: float,
) -> RunClaim | None:  # fmt: skip
    taken = conn.execute(
        update(schedule_runs)
        .where(
            schedule_runs.c.schedule_id == row.schedule_id,
            schedule_runs.c.fire_at == row.fire_at,
            schedule_runs.c.fence == row.fence,
            is_unfinished(),
        )
        .values(
            state=RunState.INTAKE.value,
            owner=owner,
            lease_until=now + timedelta(seconds=lease_s),
            fence=row.fence + 1,
            attempts=row.attempts + 1,
        )
    )
    if taken.rowcount == 0:
        return None
    claim = RunClaim(
        schedule=schedule, fire_at=row.fire_at, fence=row.fence + 1, batch_id=row.batch_id
    )
    if row.attempts >= MOST_ATTEMPTS:
        error = f"its intake ended {row.attempts} times without a word; see the workers' logs"
        _end(conn, claim, now, row.batch_id, {}, error)
        return None
    return claim


def _is_another_first(conn: Connection, row: Row[tuple[object, ...]], now: datetime) -> bool:
    """Whether another run of the same schedule is at work, or came before."""
    busy = _OTHER.c.lease_until > now
    unfinished = _OTHER.c.state.in_([RunState.FIRING.value, RunState.INTAKE.value])
    found: bool = conn.execute(
        select(
            exists().where(
                _OTHER.c.schedule_id == row.schedule_id,
                _OTHER.c.fire_at != row.fire_at,
                unfinished,
                or_(busy, _OTHER.c.fire_at < row.fire_at),
            )
        )
    ).scalar_one()
    return found


def _is_held(now: datetime) -> ColumnElement[bool]:
    return func.coalesce(schedule_runs.c.lease_until, now) > now


def _held(claim: RunClaim) -> list[ColumnElement[bool]]:
    return [
        schedule_runs.c.schedule_id == claim.schedule.id,
        schedule_runs.c.fire_at == claim.fire_at,
        schedule_runs.c.fence == claim.fence,
        is_unfinished(),
    ]


def _batch_counts(conn: Connection, batch_id: int | None) -> dict[str, int]:
    """What a batch holds, whoever wrote it and in how many goes."""
    if batch_id is None:
        return {"new_documents": 0, "new_pages": 0, "duplicates": 0}
    own = documents.c.batch_id == batch_id
    of_pages = select(func.count()).select_from(pages).where(pages.c.batch_id == batch_id)
    found = conn.execute(
        select(func.count(), func.count(documents.c.duplicate_of)).where(own)
    ).one()
    return {
        "new_documents": found[0] - found[1],
        "new_pages": conn.execute(of_pages).scalar_one(),
        "duplicates": found[1],
    }


def _key(path: bytes) -> str:
    return hashlib.sha256(path).hexdigest()
