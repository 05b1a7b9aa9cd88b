"""Schedules on a clock that tests move: to a date, and on to the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ocrq.types import PageOptions
from store.database import Database
from store.schedules import Plan, Schedule, add_schedule
from store.windows import Window

BERLIN = "Europe/Berlin"
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
