"""When a schedule comes due: cron expressions in a time zone, across daylight saving.

The semantics are those of Debian's cron, as cronsim has them (docs/decisions/0012). Pure: nothing
here knows the present time or the database.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from ocrq.errors import UsageError

#: Times due in vain that are written down one by one; a schedule of each minute has 1,440 a day.
MOST_MISSED = 500


def time_zone(name: str) -> ZoneInfo:
    """The zone of a name such as `Europe/Berlin`.

    Raises:
        UsageError: there is none; the message lists near names.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of zones, no name of a file
        known = available_timezones()
    if not known:
        raise UsageError("this machine has no time zones: install the package tzdata")
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known)}
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    city = name.rpartition("/")[2].strip().replace(" ", "_").lower()
    near += [by_city[key] for key in difflib.get_close_matches(city, by_city, n=2, cutoff=0.7)]
    hint = ", ".join(dict.fromkeys(near)) or "for example Europe/Berlin, America/New_York, UTC"
    raise UsageError(f"there is no time zone {name!r}; {'near: ' if near else ''}{hint}")


def check_cron(cron: str, zone: str) -> None:
    """Make sure that an expression and a zone can be understood, and that it comes due at all.

    Raises:
        UsageError: they cannot, or it never does.
    """
    following(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))


def following(cron: str, zone: str, after: datetime) -> datetime:
    """The first time due after an instant, UTC.

    >>> spring = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    >>> following("30 2 * * *", "Europe/Berlin", spring).isoformat()  # 02:30 is left out: 03:00
    '2026-03-29T01:00:00+00:00'

    Raises:
        UsageError: not a cron expression, one that never comes due, or no such zone.
    """
    return next(_times(cron, zone, after))


def _times(cron: str, zone: str, after: datetime, *, back: bool = False) -> Iterator[datetime]:
    """All times due after an instant, or before and at it, each once and in order."""
    words = cron.split()
    if len(words) != 5:
        raise UsageError(
            f"{cron!r} is not a cron expression: it needs five fields (minute, hour, day of month,"
            " month, day of week), for example '30 2 * * *' for each night at half past two"
        )
    start = after.astimezone(time_zone(zone))
    if back:  # the instant itself counts, with whatever follows its second
        start = start.replace(microsecond=0) + timedelta(seconds=1)
    last = after if not back else after + timedelta(microseconds=1)
    try:
        for found in CronSim(" ".join(words), start, reverse=back):
            at = found.astimezone(UTC)
            # An hour that happens twice, or not at all, can give a time again or one behind us.
            if (at < last) if back else (at > last):
                yield at
                last = at
    except (AssertionError, CronSimError, TypeError, ValueError) as exc:
        # CronSim says the same of 31 February and of 32: the one is fine in some month.
        if str(exc) == "Bad day-of-month" and _is_cron([*words[:3], "*", words[4]]):
            raise UsageError(f"the cron expression {cron!r} never comes due") from exc
        raise UsageError(
            f"{cron!r} is not a cron expression ({str(exc).lower() or 'cannot be understood'});"
            " the fields are minute, hour, day of month, month, day of week"
        ) from exc
    if last == after and not back:
        raise UsageError(f"the cron expression {cron!r} never comes due")


def _is_cron(words: Sequence[str]) -> bool:
    try:
        CronSim(" ".join(words), datetime(2026, 1, 1, tzinfo=UTC))
    except (AssertionError, CronSimError, TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be done about a schedule that came due."""

    fire_at: datetime | None  # the time to run for; None: it is too late for all of them
    missed: tuple[datetime, ...]  # earlier times, and that one if it is too late
    left_out: int | None  # further times before the first missed one; None: more than were counted
    next_at: datetime


def due(cron: str, zone: str, next_at: datetime, now: datetime, grace_s: float) -> Due:
    """Sort out the times from `next_at` to now: the last one runs if it is within the grace time.

    Args:
        cron: the expression.
        zone: its time zone.
        next_at: the first time that nothing was done about yet, not later than `now`.
        now: the present.
        grace_s: how late a run may begin.

    Raises:
        UsageError: as of `following`.
    """
    times = [next_at]
    for at in _times(cron, zone, next_at):
        if at > now or len(times) > MOST_MISSED:
            break
        times.append(at)
    left_out: int | None = 0
    if len(times) > MOST_MISSED:  # rather the latest ones, found backwards from now
        times = list(islice(_times(cron, zone, now, back=True), MOST_MISSED))[::-1]
        left_out = None
    in_time = now - times[-1] <= timedelta(seconds=grace_s)
    return Due(
        fire_at=times[-1] if in_time else None,
        missed=tuple(times[:-1] if in_time else times),
        left_out=left_out,
        next_at=following(cron, zone, max(now, times[-1])),
    )
