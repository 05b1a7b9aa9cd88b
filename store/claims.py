"""Claiming a page, holding it by lease and fence, and giving it back.

A claim counts as an attempt at once, so that a SIGKILL costs one without any code running; what
was not the page's fault gives it back. What becomes of a page that failed is in
store/failures.py; its functions are part of this module's interface.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from ocrq.types import PageOptions, PageState
from store.database import Database
from store.failures import Death, ReapCounts, attempt_failed, fail, reap, task_died
from store.gate import ask
from store.leases import Claim, LeaseRules, freed, held
from store.next_page import FIRST_PAGE, HEADS, LEASE, TAKE, some_ready
from store.postponing import postpone
from store.ready import ClaimScope, literal_state
from store.schema import pages

__all__ = [
    "Claim",
    "ClaimScope",
    "Death",
    "LeaseRules",
    "ReapCounts",
    "allow",
    "attempt_failed",
    "claim",
    "fail",
    "heartbeat",
    "postpone",
    "ready_count",
    "reap",
    "release",
    "release_owner",
    "task_died",
]


def claim(db: Database, scope: ClaimScope, rules: LeaseRules) -> Claim | None:
    """Take the page whose turn it is, or None when there is none to take.

    The first ready page of each open batch is probed through the index pages_queued; the best
    by batch priority and turn, the newest of those, is locked and leased. None, too, when
    everything is paused or this worker is drained.

    Raises:
        StaleSchema: the database was upgraded under this process; nothing is claimed.
    """
    if db.dialect == "postgresql":
        return _take(db, scope, rules)
    with db.write() as conn:
        gate = ask(db, conn, scope.owner)
        if not gate.is_open:
            return None
        now = gate.now
        question = HEADS[scope.batch_id is not None]
        heads = conn.execute(question, {"now": now, "batch": scope.batch_id}).all()
        for batch_id, floor in heads:
            row = conn.execute(FIRST_PAGE, {"batch": batch_id, "floor": floor}).first()
            if row is not None:
                return _lease(conn, row, scope, rules, now)
    return None


def heartbeat(db: Database, claim: Claim, rules: LeaseRules) -> bool:
    """Hold the page for another lease; False: it was taken away, stop at once."""
    with db.statement(write=True) as conn:
        until = db.now_here(timedelta(seconds=rules.lease_s))
        changed = conn.execute(update(pages).where(held(claim)).values(lease_until=until))
        return changed.rowcount == 1


def allow(db: Database, claim: Claim, seconds: float) -> bool:
    """Move the deadline of a page that is held to so long from now; False: it was taken away."""
    with db.write() as conn:
        deadline_at = db.now(conn) + timedelta(seconds=seconds)
        changed = conn.execute(update(pages).where(held(claim)).values(deadline_at=deadline_at))
        return changed.rowcount == 1


def release(db: Database, claim: Claim, refund: bool = True) -> bool:
    """Give a page back unread (the worker stops); its attempt too, unless told otherwise."""
    with db.write() as conn:
        return (
            conn.execute(
                update(pages)
                .where(held(claim))
                .values(**freed(PageState.QUEUED), attempts=pages.c.attempts - int(refund))
            ).rowcount
            == 1
        )


def release_owner(db: Database, owner_prefix: str) -> int:
    """Give back all pages of a worker that stopped in order, with their attempts."""
    with db.write() as conn:
        return conn.execute(
            update(pages)
            .where(
                pages.c.state == literal_state(PageState.LEASED),
                pages.c.owner.startswith(owner_prefix, autoescape=True),
            )
            .values(**freed(PageState.QUEUED), attempts=pages.c.attempts - 1)
        ).rowcount


def ready_count(db: Database, scope: ClaimScope, cap: int) -> int:
    """How many pages could be claimed now, counted no further than `cap`."""
    with db.statement() as conn:
        some = some_ready(db.dialect, scope, db.now_here(), cap).subquery()
        count: int = conn.execute(select(func.count()).select_from(some)).scalar_one()
        return count


def _take(db: Database, scope: ClaimScope, rules: LeaseRules) -> Claim | None:
    with db.write() as conn:
        row = conn.execute(
            TAKE[scope.batch_id is not None],
            {
                "worker": scope.owner.partition("/")[0],
                "holder": scope.owner,
                "task": scope.task_id,
                "batch": scope.batch_id,
                "offset": timedelta(seconds=db.clock.offset_s),
                "lease": timedelta(seconds=rules.lease_s),
                "deadline": timedelta(seconds=rules.deadline_s),
                "per_megapixel": timedelta(seconds=rules.deadline_s_per_megapixel),
            },
        ).first()
        if row is None:
            ask(db, conn, scope.owner)  # is there no page, or is the schema another one?
            return None
    return _claim_of(row, row.deadline_at, _deadline_s(row, rules))


def _deadline_s(row: Any, rules: LeaseRules) -> float:
    return rules.deadline_s + rules.deadline_s_per_megapixel * (row.megapixels or 0.0)


def _lease(
    conn: Connection, row: Any, scope: ClaimScope, rules: LeaseRules, now: datetime
) -> Claim:
    seconds = _deadline_s(row, rules)
    deadline_at = now + timedelta(seconds=seconds)
    conn.execute(
        LEASE,
        {
            "page": row.id,
            "state": PageState.LEASED.value,
            "fence": row.fence + 1,
            "attempts": row.attempts + 1,
            "owner": scope.owner,
            "task_id": scope.task_id,
            "lease_until": now + timedelta(seconds=rules.lease_s),
            "deadline_at": deadline_at,
            "claimed_at": now,
        },
    )
    return _claim_of(row, deadline_at, seconds)


def _claim_of(row: Any, deadline_at: datetime, seconds: float) -> Claim:
    """What was taken, by the page's row as it was before."""
    return Claim(
        page_id=row.id,
        fence=row.fence + 1,
        attempt=row.attempts + 1,
        deadline_at=deadline_at,
        deadline_in_s=seconds,
        path=bytes(row.path_bytes),
        frame=row.number - 1,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        mtime_ns=row.mtime_ns,
        batch_id=row.batch_id,
        document_id=row.document_id,
        number=row.number,
        options=PageOptions.from_json(row.options),
        is_unseen=row.document_error is not None,
    )
