"""Schedules, whatever the expression, the zone and the times at which somebody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from store.schedule_times import due, following
from store.windows import Window

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)
NUMBERS = st.one_of(st.just("*"), st.sampled_from(["*/5", "*/20"]), st.integers(0, 59).map(str))
CRONS = st.builds(
    lambda minute, hour, day: f"{minute} {hour} {day} * *",
    NUMBERS,
    st.one_of(st.just("*"), st.integers(0, 23).map(str), st.just("1-3")),
    st.sampled_from(["*", "1", "15", "L"]),
)


@given(CRONS, ZONES, STARTS)
def test_times_go_forward_and_each_comes_after_the_one_before(
    cron: str, zone: str, start: datetime
) -> None:
    times = [start]
    for _ in range(4):
        times.append(following(cron, zone, times[-1]))
    assert all(a < b for a, b in pairwise(times))
    # Whenever somebody asks in between, the answer is the same.
    middle = times[1] + (times[2] - times[1]) / 3
    assert following(cron, zone, middle) == times[2]


@settings(max_examples=40)
@given(
    CRONS,
    ZONES,
    STARTS,
    st.lists(st.floats(1, 3 * 86400), min_size=1, max_size=8),
    st.floats(60, 86400),
)
def test_however_often_somebody_looks_each_time_is_done_or_missed_once(
    cron: str, zone: str, start: datetime, steps_s: list[float], grace_s: float
) -> None:
    expected, now, next_at = [], start, following(cron, zone, start)
    fired: list[datetime] = []
    missed: list[datetime] = []
    for step_s in steps_s:
        now += timedelta(seconds=step_s)
        if next_at > now:
            continue
        found = due(cron, zone, next_at, now, grace_s)
        if found.left_out is None:
            return  # cut short on purpose
        if found.fire_at is not None:
            assert now - found.fire_at <= timedelta(seconds=grace_s)
            fired.append(found.fire_at)
        missed += found.missed
        assert found.next_at > now
        next_at = found.next_at
    at = following(cron, zone, start)
    while at <= now:
        expected.append(at)
        at = following(cron, zone, at)
    assert sorted(fired + missed) == expected
    assert not set(fired) & set(missed)


@given(st.integers(0, 1439), st.integers(0, 1439), ZONES, STARTS)
def test_openings_follow_each_other_and_none_lasts_longer_than_its_hours(
    start_min: int, end_min: int, zone: str, now: datetime
) -> None:
    if start_min == end_min:
        return
    window = Window(start_min=start_min, end_min=end_min, zone=zone)
    length = timedelta(minutes=(end_min - start_min) % 1440)
    opens, closes = window.at(now)
    assert closes > now
    assert opens < closes <= opens + length + timedelta(hours=1)  # the hour that comes twice
    assert window.at(closes - timedelta(microseconds=1)) == (opens, closes)
    next_opens, _ = window.at(closes)
    assert closes <= next_opens
    assert next_opens - opens < timedelta(hours=50)
