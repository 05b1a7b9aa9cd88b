"""Schedules on a clock that tests move: to a date, and on to the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ocrq.types import PageOptions
from store.database import Database
from store.intake import add_documents
from store.schedule_intake import (
    RunClaim,
    SeenFile,
    check_held,
    claim_run,
    remember_files,
    run_batch,
)
from store.schedule_runs import run_history
from store.schedules import Plan, RunState, Schedule, add_schedule
from store.windows import Window
from tests.queueing import make_document

BERLIN = "Europe/Berlin"
LEASE_S = 30.0
NIGHTLY = "30 2 * * *"


def local(text: str, fold: int = 0) -> datetime:
    """A time in Berlin as an instant, UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold)
    return at.astimezone(UTC)


def go_to(db: Database, when: datetime) -> None:
    """Set the clock of a database."""
    with db.read() as conn:
        db.clock.jump((when - db.now(conn)).total_seconds())


def make_plan(
    *paths: bytes,
    cron: str = NIGHTLY,
    window: str | None = None,
    grace_s: float = 6 * 3600.0,
    engine: str = "tests.engines.fake:make_engine",
    is_recursive: bool = True,
) -> Plan:
    return Plan(
        cron=cron,
        time_zone=BERLIN,
        paths=paths or (b"/scans",),
        options=PageOptions(engine=engine, orient=False),
        window=Window.parse(window, BERLIN) if window else None,
        grace_s=grace_s,
        is_recursive=is_recursive,
    )


def make_schedule(db: Database, name: str = "nightly", plan: Plan | None = None) -> Schedule:
    return add_schedule(db, name, plan or make_plan())


def states(db: Database, schedule: Schedule) -> list[RunState]:
    """Of its runs, the oldest first."""
    return [run.state for run in reversed(run_history(db, [schedule.id], 100))]


def must_claim(db: Database, owner: str = "a") -> RunClaim:
    claim = claim_run(db, owner, LEASE_S)
    assert claim is not None
    return claim


def take_in(db: Database, claim: RunClaim, *paths: str) -> None:
    """Write new files of one page each, as the intake does."""
    batch = run_batch(db, claim, "hash")
    docs = [make_document(path, sha256=f"{path:0>64}") for path in paths]
    seen = [
        SeenFile(path=d.path, size_bytes=d.size_bytes, mtime_ns=d.mtime_ns, sha256=d.sha256)
        for d in docs
    ]

    def within(conn: Connection) -> None:
        check_held(conn, claim)
        remember_files(conn, claim, seen)

    add_documents(db, batch, docs, within=within)
