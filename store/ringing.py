"""What the main process of a worker notes in SQL: that it lives, and whose turn a duty is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ocrq.types import PageState
from store.database import CLOCKS, Database
from store.events import EventKind, record_events
from store.leases import LeaseRules, freed, held_by
from store.schema import SCHEMA_VERSION, duties, pages, workers
from store.uncharged import often_lost

#: Workers may have different settings: the turn that another one has given itself is at most so
#: many of ours long, or so many seconds.
_LONGEST_TURN = 20.0
_LONGEST_TURN_S = 10.0

#: A worker notes itself each five seconds; one that missed so many of them is not at work.
SILENT_AFTER = timedelta(seconds=20)
#: Workers that were not heard of for so long are forgotten.
_FORGOTTEN_AFTER = timedelta(days=1)

#: When a duty is due, and the time: all workers ask this about each second.
_DUE = {
    dialect: select(
        select(duties.c.due_at)
        .where(duties.c.name == bindparam("duty"))
        .scalar_subquery()
        .label("due_at"),
        clock.label("clock"),
    )
    for dialect, clock in CLOCKS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """What a worker says of itself in its row of `workers`."""

    owner: str  # what stands before "/" in `pages.owner`
    host: str
    pid: int  # of the Celery main
    version: str  # of ocrq
    device: str
    concurrency: int
    schema_version: str | None = SCHEMA_VERSION  # that its program works with


def elect(db: Database, duty: str, owner: str, every_s: float) -> bool:
    """Whether this worker is the one that does a duty now; at most one is, each `every_s`."""
    return stand_for(db, duty, owner, every_s) == 0.0


def stand_for(db: Database, duty: str, owner: str, every_s: float) -> float:
    """Take over a duty that nobody has just now.

    A compare-and-set on one row: whoever moves `due_at` on does the duty. Nobody has to be found
    dead first, because the next election is open to all.

    Returns:
        0 when the duty is this worker's for `every_s`; else in how many seconds, `every_s` at most,
        to ask again.
    """
    with db.statement() as conn:
        found = conn.execute(_DUE[db.dialect], {"duty": duty}).one()
        due_at: datetime | None = found.due_at
        now = db.at(found.clock)
    # A turn further away than any is given comes from a clock that has been set back since.
    if due_at is not None and now < due_at <= now + timedelta(
        seconds=max(_LONGEST_TURN * every_s, _LONGEST_TURN_S)
    ):
        return min(every_s, (due_at - now).total_seconds())
    with db.write() as conn:
        next_at = db.now(conn) + timedelta(seconds=every_s)
        moved = conn.execute(
            update(duties)
            .where(duties.c.name == duty, duties.c.due_at == due_at)
            .values(due_at=next_at, owner=owner)
        )
        if moved.rowcount == 1:
            return 0.0
    if due_at is not None:
        return every_s
    try:
        with db.write() as conn:
            conn.execute(insert(duties).values(name=duty, owner=owner, due_at=next_at))
    except IntegrityError:  # another worker made the row first
        return every_s
    return 0.0


def keep_duty(db: Database, duty: str, owner: str, every_s: float) -> bool:
    """Go on with a duty for `every_s` from now, before others see that its time is over.

    Returns:
        False: the time is over, or somebody else has it.
    """
    with db.statement(write=True) as conn:
        kept = conn.execute(
            update(duties)
            .where(duties.c.name == duty, duties.c.owner == owner, duties.c.due_at > db.now_here())
            .values(due_at=db.now_here(timedelta(seconds=every_s)))
        )
        return kept.rowcount == 1


def note_worker(db: Database, info: WorkerInfo) -> bool:
    """Write down that a worker lives; drops those that were not heard of for a day.

    Returns:
        Whether somebody drains it: it is to take no more pages.
    """
    values = {
        "host": info.host,
        "pid": info.pid,
        "version": info.version,
        "device": info.device,
        "concurrency": info.concurrency,
        "schema_version": info.schema_version,
    }
    with db.statement(write=True) as conn:
        known = conn.execute(
            update(workers)
            .where(workers.c.owner == info.owner)
            .values(**values, seen_at=db.now_here())
            .returning(workers.c.draining_at)
        ).first()
    if known is not None:
        return known.draining_at is not None
    with db.write() as conn:
        now = db.now(conn)
        values |= {"seen_at": now}
        conn.execute(insert(workers).values(owner=info.owner, started_at=now, **values))
        conn.execute(delete(workers).where(workers.c.seen_at < now - _FORGOTTEN_AFTER))
        return False


def forget_worker(db: Database, owner: str) -> None:
    """A worker stopped in order."""
    with db.write() as conn:
        conn.execute(delete(workers).where(workers.c.owner == owner))


def count_slots(db: Database) -> int:
    """Pages that all workers can read at a time: the children of those that are heard of."""
    with db.statement() as conn:
        count: int = conn.execute(
            select(func.coalesce(func.sum(workers.c.concurrency), 0)).where(
                workers.c.seen_at > db.now_here(-SILENT_AFTER), workers.c.draining_at.is_(None)
            )
        ).scalar_one()
        return count


def renew_silent(db: Database, owner: str, rules: LeaseRules, task_ids: Collection[str]) -> int:
    """Hold the pages of a worker whose children could not send their own heartbeats.

    A child inside a long call that holds the interpreter is silent but at work. Its main, which
    would know of its death, keeps the lease until the page's deadline; then the kernel decides.

    Args:
        db: the database.
        owner: the worker.
        rules: how long leases hold.
        task_ids: of the tasks that its children are at. A lease of another task is not one that
            anybody works under: the answer to its claim was lost, or its main was.

    Returns:
        How many leases were renewed.
    """
    with db.read() as conn:
        silent = _silent(db.now(conn), owner, rules, task_ids)
        if not conn.execute(select(pages.c.id).where(*silent)).first():
            return 0
    with db.write() as conn:
        now = db.now(conn)
        return conn.execute(
            update(pages)
            .where(*_silent(now, owner, rules, task_ids))
            .values(lease_until=now + timedelta(seconds=rules.lease_s))
        ).rowcount


def _silent(
    now: datetime, owner: str, rules: LeaseRules, task_ids: Collection[str]
) -> list[ColumnElement[bool]]:
    return [
        held_by(owner),
        pages.c.task_id.in_(task_ids),
        pages.c.deadline_at > now,
        or_(
            pages.c.lease_until < now + timedelta(seconds=rules.lease_s / 2),
            # of a clock that was set back: the next look would take it for a lease of long ago
            pages.c.lease_until > now + timedelta(seconds=1.5 * rules.lease_s),
        ),
    ]


def forgive_lost_worker(db: Database, owner: str) -> int:
    """Give back the pages of a worker that was killed, with their attempts.

    A page that lost its worker often is left to its lease: it may be what kills workers.

    Returns:
        How many pages were given back.
    """
    with db.write() as conn:
        found = conn.execute(select(pages).where(held_by(owner)).with_for_update()).all()
        worn = often_lost(conn, [row.id for row in found])
        rows = [row for row in found if row.id not in worn]
        conn.execute(
            update(pages)
            .where(pages.c.id.in_([row.id for row in rows]))
            .values(**freed(PageState.QUEUED), attempts=pages.c.attempts - 1)
        )
        record_events(conn, db.now(conn), EventKind.REAP, rows, "the whole worker was lost")
        return len(rows)


def leases_of(db: Database, owner: str) -> dict[str, str]:
    """What a worker holds just now: for each task the child that has its lease (NAME/PID)."""
    with db.statement() as conn:
        rows = conn.execute(select(pages.c.task_id, pages.c.owner).where(held_by(owner))).all()
        return {row.task_id: row.owner for row in rows}
