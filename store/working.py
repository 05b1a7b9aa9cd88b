"""What each worker does now, and giving workers a rest for maintenance."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.database import Database
from store.leases import held_by
from store.ready import literal_state
from store.result_tables import readings
from store.ringing import SILENT_AFTER
from store.schema import documents, pages, workers

_NEWEST = 2_000
_WINDOW_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPage:
    """A page that is being read."""

    page_id: int
    batch_id: int
    path: bytes
    number: int
    attempt: int
    pid: int | None  # of the process that reads it
    claimed_at: datetime | None
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReport:
    """A worker, and what it does now."""

    owner: str
    host: str
    pid: int
    version: str
    schema_version: str | None
    device: str
    concurrency: int
    started_at: datetime
    seen_at: datetime
    seen_s: float  # how long ago
    silent: bool  # not heard of for longer than it should be
    draining_at: datetime | None
    pages_per_minute: float  # of the last ten minutes, or since it started
    pages: tuple[HeldPage, ...]


def report_workers(db: Database) -> list[WorkerReport]:
    """All workers that were heard of within a day, with the pages that they hold."""
    with db.read() as conn:
        now = db.now(conn)
        rows = conn.execute(select(workers).order_by(workers.c.host, workers.c.started_at)).all()
        held: dict[str, list[HeldPage]] = {}
        leased = conn.execute(
            select(pages, documents.c.path_bytes)
            .join(documents, documents.c.id == pages.c.document_id)
            .where(pages.c.state == literal_state(PageState.LEASED))
            .order_by(pages.c.id)
        )
        for page in leased:
            worker, _, child = (page.owner or "").partition("/")
            held.setdefault(worker, []).append(
                HeldPage(
                    page_id=page.id,
                    batch_id=page.batch_id,
                    path=bytes(page.path_bytes),
                    number=page.number,
                    attempt=page.attempts,
                    pid=int(child) if child.isdecimal() else None,
                    claimed_at=page.claimed_at,
                    deadline_at=page.deadline_at,
                )
            )
        newest = (
            select(readings.c.worker, readings.c.created_at)
            .order_by(readings.c.id.desc())
            .limit(_NEWEST)
            .subquery()
        )
        recent = conn.execute(
            select(newest.c.worker, func.count())
            .where(newest.c.created_at > now - timedelta(seconds=_WINDOW_S))
            .group_by(newest.c.worker)
        )
        counted: dict[str | None, int] = {row[0]: row[1] for row in recent}
        total, first = conn.execute(
            select(func.count(), func.min(newest.c.created_at)).select_from(newest)
        ).one()
    # With more readings in ten minutes than are looked at, the window is as long as those took.
    window_s = _WINDOW_S
    if total == _NEWEST and first is not None:
        window_s = min(_WINDOW_S, max(1.0, (now - first).total_seconds()))
    return [
        WorkerReport(
            owner=row.owner,
            host=row.host,
            pid=row.pid,
            version=row.version,
            schema_version=row.schema_version,
            device=row.device,
            concurrency=row.concurrency,
            started_at=row.started_at,
            seen_at=row.seen_at,
            seen_s=max(0.0, (now - row.seen_at).total_seconds()),
            silent=now - row.seen_at > SILENT_AFTER,
            draining_at=row.draining_at,
            pages_per_minute=60
            * counted.get(row.owner, 0)
            / min(window_s, max(5.0, (now - row.started_at).total_seconds())),
            pages=tuple(held.get(row.owner, ())),
        )
        for row in rows
    ]


def count_held(db: Database, owners: Collection[str]) -> tuple[int, int]:
    """Pages that workers hold.

    Returns:
        How many are being read, and how many of workers that are gone: not heard of, and the lease
        has run out. Such a page waits for another worker to take it back.
    """
    reading = lost = 0
    with db.read() as conn:
        now = db.now(conn)
        heard = workers.c.owner.in_(owners) & (workers.c.seen_at > now - SILENT_AFTER)
        heard_of = set(conn.execute(select(workers.c.owner).where(heard)).scalars())
        for owner in owners:
            leases = conn.execute(select(pages.c.lease_until).where(held_by(owner))).scalars()
            for lease_until in leases:
                is_lost = owner not in heard_of and lease_until < now
                reading, lost = reading + (not is_lost), lost + is_lost
    return reading, lost


def find_workers(db: Database, owner: str | None, host: str | None) -> list[str]:
    """The names of the workers that a user means: one, or all of a host.

    Raises:
        UsageError: there is none; names the nearest.
    """
    with db.read() as conn:
        known = conn.execute(select(workers.c.owner, workers.c.host)).all()
    found = [row.owner for row in known if owner in (None, row.owner) and host in (None, row.host)]
    if found:
        return found
    what, given = ("worker", owner) if owner is not None else ("host with workers", host)
    names = {row.owner if owner is not None else row.host for row in known}
    near = difflib.get_close_matches(given or "", names, n=3, cutoff=0.5) or sorted(names)[:3]
    hint = f"; there are {', '.join(near)}" if near else "; no worker was heard of within a day"
    raise UsageError(f"there is no {what} {given!r}{hint}")


def drain_workers(db: Database, owners: Collection[str], *, undo: bool = False) -> int:
    """Let workers take no more pages, or take pages again; what they read now is finished.

    Returns:
        For how many that changed anything.
    """
    with db.write(durable=True) as conn:
        draining = workers.c.draining_at
        return conn.execute(
            update(workers)
            .where(
                workers.c.owner.in_(owners), draining.is_not(None) if undo else draining.is_(None)
            )
            .values(draining_at=None if undo else db.now(conn))
        ).rowcount
