from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ocrq.errors import UsageError
from store.schedule_times import MOST_MISSED, check_cron, due, following, time_zone
from store.windows import Window

BERLIN = "Europe/Berlin"


def local(text: str, fold: int = 0, zone: str = BERLIN) -> datetime:
    """A local time as an instant, UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return at.astimezone(UTC)


def several(cron: str, after: datetime, count: int) -> list[datetime]:
    found = []
    for _ in range(count):
        after = following(cron, BERLIN, after)
        found.append(after)
    return found


def test_a_night_without_half_past_two_runs_at_three() -> None:
    assert several("30 2 * * *", local("2026-03-28 12:00"), 3) == [
        local("2026-03-29 03:00"),
        local("2026-03-30 02:30"),
        local("2026-03-31 02:30"),
    ]


def test_a_night_with_half_past_two_twice_runs_once() -> None:
    assert several("30 2 * * *", local("2026-10-24 12:00"), 2) == [
        local("2026-10-25 02:30", fold=0),
        local("2026-10-26 02:30"),
    ]
    between = local("2026-10-25 02:10", fold=1)  # 40 minutes after it ran
    assert following("30 2 * * *", BERLIN, between) == local("2026-10-26 02:30")


def test_intervals_go_by_real_time() -> None:
    assert several("0 * * * *", local("2026-03-29 01:30"), 2) == [
        local("2026-03-29 03:00"),
        local("2026-03-29 04:00"),
    ]
    hours = several("0 * * * *", local("2026-10-25 01:30"), 3)
    assert hours[0] == local("2026-10-25 02:00", fold=0)
    assert hours[1] == local("2026-10-25 02:00", fold=1)
    assert hours[2] == local("2026-10-25 03:00")


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 0 30 2 *", "never comes due"),
        ("0 0 31 2,4,6,9,11 *", "never comes due"),
        ("0 0 31/2 2 *", "never comes due"),
        ("0 0 30-31/1 feb *", "never comes due"),
        ("0 0 32/2 2 *", "bad day-of-month"),
        ("0 0 31/0 2 *", "bad day-of-month"),
        ("61 0 * * *", "bad minute"),
        ("* * * *", "five fields"),
        ("0 30 2 * * *", "five fields"),
        ("@daily", "five fields"),
        ("0 0 32 * *", "bad day-of-month"),
        ("0 0 * * 1#2/3", "not a cron expression"),
        ("", "five fields"),
    ],
)
def test_a_bad_expression_is_named(cron: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_cron(cron, BERLIN)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berlim", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("America", "America/"),
        ("../../etc/passwd", "for example"),
        ("", "for example"),
        ("a\0b", "for example"),
    ],
)
def test_an_unknown_zone_is_answered_with_near_ones(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        time_zone(name)


def test_the_last_time_within_the_grace_time_runs_and_the_others_are_missed() -> None:
    first = local("2026-11-17 02:30")
    found = due("30 2 * * *", BERLIN, first, local("2026-11-20 07:00"), grace_s=6 * 3600.0)
    assert found.fire_at == local("2026-11-20 02:30")
    assert found.missed == tuple(local(f"2026-11-{day} 02:30") for day in (17, 18, 19))
    assert found.left_out == 0
    assert found.next_at == local("2026-11-21 02:30")
    late = due("30 2 * * *", BERLIN, first, local("2026-11-20 09:00"), grace_s=6 * 3600.0)
    assert late.fire_at is None
    assert late.missed[-1] == local("2026-11-20 02:30")


def test_a_year_of_missed_minutes_is_cut_short() -> None:
    now = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
    found = due("* * * * *", "UTC", now - timedelta(days=365, seconds=30), now, grace_s=60.0)
    assert found.fire_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert len(found.missed) == MOST_MISSED - 1
    assert found.left_out is None
    assert found.missed[-1] == datetime(2026, 11, 20, 11, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ("02:00-06:00", "02:00-06:00 Europe/Berlin"),
        ("6-2", "06:00-02:00 Europe/Berlin"),
        (" 22:30 - 24 ", "22:30-00:00 Europe/Berlin"),
    ],
)
def test_a_window_is_two_times_of_the_day(hours: str, text: str) -> None:
    window = Window.parse(hours, BERLIN)
    assert str(window) == text
    assert Window.from_text(text) == window


@pytest.mark.parametrize("hours", ["", "2", "2-", "25-3", "2:60-3", "2-2", "0-24", "a-b", "2-3-4"])
def test_a_bad_window_is_named(hours: str) -> None:
    with pytest.raises(UsageError, match="window"):
        Window.parse(hours, BERLIN)


@pytest.mark.parametrize(
    ("hours", "now", "opens", "closes"),
    [
        ("2-6", "2026-11-20 05:59", "2026-11-20 02:00", "2026-11-20 06:00"),
        ("2-6", "2026-11-20 06:00", "2026-11-21 02:00", "2026-11-21 06:00"),
        ("22-6", "2026-11-20 03:00", "2026-11-19 22:00", "2026-11-20 06:00"),
        ("22-6", "2026-11-20 07:00", "2026-11-20 22:00", "2026-11-21 06:00"),
        # Three hours and five hours: clocks decide.
        ("2-6", "2026-03-28 12:00", "2026-03-29 03:00", "2026-03-29 06:00"),
        ("2-6", "2026-10-24 12:00", "2026-10-25 02:00", "2026-10-25 06:00"),
        # Left out altogether by the change: the next day's.
        ("2:10-2:50", "2026-03-28 12:00", "2026-03-30 02:10", "2026-03-30 02:50"),
    ],
)
def test_openings_follow_the_clocks_of_the_zone(
    hours: str, now: str, opens: str, closes: str
) -> None:
    assert Window.parse(hours, BERLIN).at(local(now)) == (local(opens), local(closes))


def test_an_hour_that_comes_twice_means_the_first() -> None:
    now = local("2026-10-24 12:00")
    assert Window.parse("2:30-6", BERLIN).at(now)[0] == local("2026-10-25 02:30", fold=0)
    assert Window.parse("22-2:30", BERLIN).at(now)[1] == local("2026-10-25 02:30", fold=0)
