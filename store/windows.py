"""Windows: the hours of the day within which the pages of a batch may be started.

A claim compares the present with `batches.opens_at` and `closes_at`, the present or the next
opening. When that is over, the tick of a worker moves the two on to the next day's; until then
nothing can be claimed, so a tick that comes late never opens a window too early.

A batch that was shut for a while would go before all others of its priority, for its turns are of
long ago. So shortly before it opens, each tick gives it the place of those that are served then.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from ocrq.errors import UsageError
from store.database import CLOCKS, Database
from store.schedule_times import time_zone
from store.schema import batches
from store.turns import rejoin

logger = logging.getLogger(__name__)

_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?")
_DAY_MIN = 24 * 60
#: So long before a window opens its batch takes its place among the others; some ticks.
_LINES_UP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From a time of day to another, perhaps of the next day, in a time zone."""

    start_min: int  # minutes after midnight, 0..1439
    end_min: int  # the same; when it is before the start, of the next day
    zone: str

    @classmethod
    def parse(cls, hours: str, zone: str) -> Self:
        """Read what a user gives.

        >>> str(Window.parse("22-6:30", "Europe/Berlin"))
        '22:00-06:30 Europe/Berlin'

        Raises:
            UsageError: not of that form, no time between the two, or no such zone.
        """
        time_zone(zone)
        start, dash, end = (word.strip() for word in hours.partition("-"))
        minutes = _minutes(start), _minutes(end)
        if not dash or None in minutes:
            raise UsageError(
                f"a window is two times of the day, for example 02:00-06:00 or 22:00-6:00;"
                f" not {hours!r}"
            )
        start_min, end_min = (m % _DAY_MIN for m in minutes if m is not None)
        if start_min == end_min:
            raise UsageError(
                f"the window {hours!r} begins when it ends; for the whole day, give none"
            )
        return cls(start_min=start_min, end_min=end_min, zone=zone)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `batches.time_window` back."""
        hours, _, zone = text.partition(" ")
        return cls.parse(hours, zone)

    def __str__(self) -> str:
        return f"{_clock(self.start_min)}-{_clock(self.end_min)} {self.zone}"

    def at(self, now: datetime) -> tuple[datetime, datetime]:
        """The opening that lasts or comes next: (opens, closes), UTC, `closes` after now.

        A time of the day that a change of daylight saving leaves out means the moment of the
        change; one that it brings twice means the first. An opening that so has no length (all of
        it is left out) is passed over.
        """
        zone = time_zone(self.zone)
        day = now.astimezone(zone).date() - timedelta(days=1)
        while True:
            opens = _instant(zone, day, self.start_min)
            is_next_day = self.end_min < self.start_min
            closes = _instant(zone, day + timedelta(days=is_next_day), self.end_min)
            if opens < closes and now < closes:
                return opens, closes
            day += timedelta(days=1)


def roll_windows(db: Database) -> int:
    """Move on the openings that are over, and line up what opens soon; called by a worker's tick.

    Returns:
        How many batches have a new one.
    """
    waiting = [
        batches.c.closes_at.is_not(None),
        batches.c.finished_at.is_(None),
        batches.c.cancelled_at.is_(None),
    ]
    with db.statement() as conn:  # most often there is none
        found = conn.execute(
            select(batches, CLOCKS[db.dialect].label("clock")).where(*waiting)
        ).all()
    now = db.at(found[0].clock) if found else db.clock.now()
    over = [row for row in found if row.closes_at <= now]
    for row in found:
        if row.opens_at is not None and now < row.opens_at <= now + _LINES_UP:
            with db.write() as conn:
                rejoin(conn, row.id, row.priority, db.now(conn), is_new_class=False)
    if not over:
        return 0
    moved = 0
    with db.write() as conn:
        for row in over:
            try:
                opens_at, closes_at = Window.from_text(row.time_window).at(now)
            except UsageError as exc:  # a time zone that this host does not know
                logger.error("the window of batch %d stays shut: %s", row.id, exc)
                continue
            moved += conn.execute(
                update(batches)
                .where(batches.c.id == row.id, batches.c.closes_at == row.closes_at)
                .values(opens_at=opens_at, closes_at=closes_at)
            ).rowcount
    return moved


def _minutes(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    minutes = 60 * int(found[1]) + int(found[2] or 0)
    return minutes if minutes <= _DAY_MIN and int(found[2] or 0) < 60 else None


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _instant(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The moment of a time of the day, UTC."""
    local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
    at = local.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    # Left out: between the two readings of it (PEP 495) lies the change.
    before, after = local.replace(fold=1).astimezone(UTC), at
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
