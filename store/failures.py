"""What becomes of a page that could not be read.

A page counts the claims that ended badly (`attempts`), whatever the reason; the reason of the
last one decides how many are allowed: `max_attempts` for errors (then failed), `max_kills` for
killed processes and memory, `max_deadlines` for deadlines (then quarantined).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from ocrq.types import PageState
from store.database import Database
from store.duplicates import mark_orphans
from store.events import EventKind, record_events
from store.leases import Claim, LeaseRules, freed, given_up, held, held_by_task
from store.old_versions import set_aside
from store.ready import literal_state
from store.schema import pages
from store.uncharged import often_lost

Death = Literal["killed", "deadline", "memory"]

#: Leases looked at by one reaping, so that its transaction stays short.
_REAPED_AT_ONCE = 500

_EVENTS: dict[Death, EventKind] = {
    "killed": EventKind.KILL,
    "deadline": EventKind.DEADLINE,
    "memory": EventKind.MEMORY,
}
_SENTENCES: dict[Death, str] = {
    "killed": "the process that read this page was killed or died",
    "deadline": "reading this page took longer than its deadline",
    "memory": "reading this page took more memory than allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReapCounts:
    """What a reaping did."""

    queued: int = 0
    quarantined: int = 0


def fail(db: Database, claim: Claim, code: str, error: str) -> bool:
    """The page can never be read (PageError): failed at once."""
    with db.write() as conn:
        row = conn.execute(select(pages).where(held(claim)).with_for_update()).first()
        if row is not None:
            _give_up(conn, row, PageState.FAILED, code, error, db.now(conn))
        return row is not None


def attempt_failed(
    db: Database, claim: Claim, code: str, error: str, rules: LeaseRules
) -> PageState | None:
    """Any other error: queued again at once, failed after `max_attempts`. None: fenced off."""
    with db.write() as conn:
        row = conn.execute(select(pages).where(held(claim)).with_for_update()).first()
        if row is None:
            return None
        now = db.now(conn)
        if row.attempts >= rules.max_attempts:
            return _give_up(conn, row, PageState.FAILED, code, error, now)
        again = freed(PageState.QUEUED, code, error)
        conn.execute(update(pages).where(pages.c.id == row.id).values(**again))
        record_events(conn, now, EventKind.RETRY, [row], f"{code}: {error}")
        return PageState.QUEUED


def task_died(
    db: Database, task_id: str, reason: Death, rules: LeaseRules, owner: str | None = None
) -> PageState | None:
    """The process of a task died: charge the page that it held and free its lease at once.

    A bell may be doubled by its broker: `owner`, a child or its worker, says whose page is meant.

    The signal that ended it tells a deadline from a kill, not the clock, which may have been set
    meanwhile. None: the task held no page.
    """
    with db.write() as conn:
        now = db.now(conn)
        row = conn.execute(
            select(pages).where(held_by_task(task_id, owner)).with_for_update()
        ).first()
        if row is None:
            return None
        return _charge(conn, row, reason, rules, now)


def reap(db: Database, rules: LeaseRules) -> ReapCounts:
    """Take pages from holders that are gone: lease expired, or long past their deadline.

    When all leases of one worker expired together, at least two, its host is lost: nothing is
    charged. Nothing is judged for one lease after the time of the queue jumped (a host slept, or
    a clock was set), or after the lock for writing was long in coming: heartbeats wait for it, too.
    """
    leased = pages.c.state == literal_state(PageState.LEASED)
    with db.read() as conn:  # most ticks find nothing, and need no lock to see it
        now = db.now(conn)
        if not db.clock.is_settled(rules.lease_s, now):
            return ReapCounts()
        gone = _may_be_gone(now, rules)
        if conn.execute(select(pages.c.id).where(leased, gone).limit(1)).first() is None:
            return ReapCounts()
    asked_s = db.clock.monotonic()
    with db.write() as conn:
        if db.clock.monotonic() - asked_s > rules.lease_s / 2:
            db.clock.wait_a_lease(rules.lease_s)
            return ReapCounts()
        asked_at = db.now(conn)
        found = conn.execute(
            select(pages)
            .where(leased, _may_be_gone(asked_at, rules))
            .order_by(pages.c.owner, pages.c.id)
            .limit(_REAPED_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        now = db.now(conn)
        rows = [row for row in found if not _is_alive(row, rules, asked_at, now)]
        lost = _lost_workers(conn, rows)
        worn = often_lost(conn, [row.id for row in rows]) if lost else set()
        forgiven = [row for row in rows if _worker(row.owner) in lost and row.id not in worn]
        conn.execute(
            update(pages)
            .where(pages.c.id.in_([row.id for row in forgiven]))
            .values(**freed(PageState.QUEUED), attempts=pages.c.attempts - 1)
        )
        record_events(conn, now, EventKind.REAP, forgiven, "the whole worker was lost")
        states = [
            _charge(conn, row, _reason(row, rules), rules, now)
            for row in rows
            if row not in forgiven
        ]
    quarantined = states.count(PageState.QUARANTINED)
    return ReapCounts(queued=len(rows) - quarantined, quarantined=quarantined)


def _may_be_gone(now: datetime, rules: LeaseRules) -> ColumnElement[bool]:
    return (
        (pages.c.lease_until < now)
        | (pages.c.deadline_at < now - timedelta(seconds=rules.lease_s))
        | (pages.c.claimed_at > now)
    )


def _is_alive(row: Row[Any], rules: LeaseRules, asked_at: datetime, now: datetime) -> bool:
    """Whether the holder of a page that seems to be claimed in the future is alive.

    It may have claimed the page between the question for the time and that for the pages. If not,
    a clock was set back since. Who has renewed the lease by the new time has moved it closer to
    the claim than a lease is long; all others would seem to be alive until the old time is back.

    Args:
        row: the page.
        rules: how long leases hold.
        asked_at: the time by which it was looked for.
        now: the time after it was found.
    """
    if row.claimed_at is None or row.claimed_at <= asked_at:
        return False
    if row.claimed_at <= now:
        return True
    lease = timedelta(seconds=rules.lease_s)
    return bool(now <= row.lease_until < row.claimed_at + lease)


def _charge(
    conn: Connection, row: Row[Any], reason: Death, rules: LeaseRules, now: datetime
) -> PageState:
    limit = rules.max_deadlines if reason == "deadline" else rules.max_kills
    record_events(conn, now, _EVENTS[reason], [row])
    if row.attempts >= limit:
        return _give_up(conn, row, PageState.QUARANTINED, reason, _SENTENCES[reason], now)
    again = freed(PageState.QUEUED, reason, _SENTENCES[reason])
    conn.execute(update(pages).where(pages.c.id == row.id).values(**again))
    return PageState.QUEUED


def _give_up(
    conn: Connection, row: Row[Any], state: PageState, code: str, error: str, now: datetime
) -> PageState:
    """Try a page no more; whoever links to its document must do without, unless it has a reading.

    Returns:
        The state that the page has now, or would have, were its file not submitted in a newer
        version.
    """
    has_reading = row.reading_id is not None
    ending = given_up(has_reading, state, code, error)
    conn.execute(update(pages).where(pages.c.id == row.id).values(**ending))
    if has_reading:
        detail = f"the earlier reading stays: {code}: {error}"
        record_events(conn, now, EventKind.REDO, [row], detail)
    else:
        mark_orphans(conn, [row.document_id])
        set_aside(conn, now, pages.c.id == row.id)
    return PageState(ending["state"])


def _reason(row: Row[Any], rules: LeaseRules) -> Death:
    """A holder that was heard of until its deadline died by it; another one was killed."""
    last_heard = row.lease_until - timedelta(seconds=rules.lease_s)
    is_late = last_heard >= row.deadline_at - timedelta(seconds=rules.lease_s / 4)
    return "deadline" if is_late else "killed"


def _lost_workers(conn: Connection, expired: Sequence[Row[Any]]) -> set[str]:
    """Workers that held at least two leases, all of them expired."""
    if len(expired) < 2:
        return set()
    owners = conn.execute(
        select(pages.c.owner, func.count())
        .where(pages.c.state == literal_state(PageState.LEASED))
        .group_by(pages.c.owner)
    )
    held_now: dict[str, int] = {}
    for owner, count in owners:
        held_now[_worker(owner)] = held_now.get(_worker(owner), 0) + count
    gone: dict[str, int] = {}
    for row in expired:
        gone[_worker(row.owner)] = gone.get(_worker(row.owner), 0) + 1
    return {worker for worker, count in gone.items() if count >= 2 and count == held_now[worker]}


def _worker(owner: str | None) -> str:
    return (owner or "").partition("/")[0]
