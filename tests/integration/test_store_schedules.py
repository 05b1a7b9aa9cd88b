"""Firing exactly once, whatever was missed, paused or wrong with a clock: on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ocrq.errors import UsageError
from store.database import Database
from store.ringing import elect
from store.schedule_intake import (
    finish_run,
    known_files,
)
from store.schedule_runs import (
    fire_due,
    list_schedules,
    run_history,
    run_now,
    unfinished_runs,
)
from store.schedules import (
    DUTY,
    LOOK_EVERY_S,
    RunKind,
    RunState,
    add_schedule,
    pause_schedule,
    remove_schedule,
    resolve_schedule,
    resume_schedule,
    unattended_s,
)
from tests.queueing import (
    column,
    execute,
)
from tests.scheduling import (
    go_to,
    local,
    make_plan,
    make_schedule,
    must_claim,
    states,
    take_in,
)


def test_a_schedule_is_added_found_and_removed(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    plan = make_plan(b"/scans/caf\xe9", window="2-6")
    added = add_schedule(database, "nightly", plan)
    assert added.plan == plan
    assert added.next_at == local("2026-11-21 02:30")
    assert resolve_schedule(database, "nightly") == added
    with pytest.raises(UsageError, match="already"):
        add_schedule(database, "nightly", plan)
    with pytest.raises(UsageError, match="'nighly'; did you mean nightly\\?"):
        resolve_schedule(database, "nighly")
    remove_schedule(database, added.id)
    with pytest.raises(UsageError, match="was removed"):
        resolve_schedule(database, "nightly")
    assert add_schedule(database, "nightly", plan).id != added.id


@pytest.mark.parametrize("name", ["", "  ", "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(database: Database, name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        add_schedule(database, name, make_plan())
    assert list_schedules(database) == []


def test_of_many_that_look_one_fires(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    schedules = [make_schedule(database, name) for name in ("a", "b")]
    with ThreadPoolExecutor(4) as pool:
        for day in (21, 22, 23):
            go_to(database, local(f"2026-11-{day} 02:30:01"))
            fired: Sequence[int] = list(pool.map(lambda _: fire_due(database), range(8)))
            assert sum(fired) == 2
    for schedule in schedules:
        runs = run_history(database, [schedule.id], 10)
        assert [run.fire_at for run in runs] == [
            local(f"2026-11-{day} 02:30") for day in (23, 22, 21)
        ]
        assert {run.kind for run in runs} == {RunKind.DUE}


def test_a_missed_time_is_made_up_for_once_within_the_grace_time(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    schedule = make_schedule(database)
    go_to(database, local("2026-11-23 06:00"))
    assert fire_due(database) == 1
    assert fire_due(database) == 0
    assert states(database, schedule) == [RunState.MISSED, RunState.MISSED, RunState.FIRING]
    newest = run_history(database, [schedule.id], 1)[0]
    assert (newest.kind, newest.fire_at) == (RunKind.CATCH_UP, local("2026-11-23 02:30"))
    go_to(database, local("2026-11-24 12:00"))
    assert fire_due(database) == 0
    assert states(database, schedule)[-1] is RunState.MISSED
    assert resolve_schedule(database, "nightly").next_at == local("2026-11-25 02:30")


def test_a_clock_that_goes_wrong_doubles_nothing_and_loses_nothing(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    schedule = make_schedule(database)
    go_to(database, local("2026-11-21 02:30:01"))
    assert fire_due(database) == 1
    go_to(database, local("2026-11-21 02:29:50"))  # set back by some seconds
    assert fire_due(database) == 0
    go_to(database, local("2026-11-21 02:30:02"))
    assert fire_due(database) == 0
    go_to(database, local("2027-03-01 12:00"))  # far ahead for a while
    fire_due(database)
    go_to(database, local("2026-11-21 12:00"))
    fire_due(database)
    assert resolve_schedule(database, "nightly").next_at == local("2026-11-22 02:30")
    times = column(database, "SELECT fire_at FROM schedule_runs WHERE state = 'firing'")
    assert len(times) == 1
    assert schedule.next_at == local("2026-11-21 02:30")


def test_a_paused_schedule_comes_due_no_more_and_nothing_is_made_up_for(
    database: Database,
) -> None:
    go_to(database, local("2026-11-20 12:00"))
    schedule = make_schedule(database)
    assert pause_schedule(database, schedule.id)
    assert not pause_schedule(database, schedule.id)
    go_to(database, local("2026-11-23 03:00"))
    assert fire_due(database) == 0
    resumed = resume_schedule(database, schedule)
    assert resumed is not None
    assert resumed.next_at == local("2026-11-24 02:30")
    assert resume_schedule(database, schedule) is None
    assert fire_due(database) == 0
    assert states(database, schedule) == []


def test_a_run_now_stands_beside_those_that_come_due(database: Database) -> None:
    schedule = make_schedule(database)
    pause_schedule(database, schedule.id)
    run_now(database, schedule)
    assert unfinished_runs(database) == 1
    claim = must_claim(database)
    assert unfinished_runs(database) == 0
    assert finish_run(database, claim, {}) is RunState.EMPTY
    run = run_history(database, [schedule.id], 1)[0]
    assert (run.kind, run.state, run.batch) == (RunKind.MANUAL, RunState.EMPTY, None)


def test_removing_ends_what_waits_and_keeps_the_history(database: Database) -> None:
    schedule = make_schedule(database)
    run_now(database, schedule)
    claim = must_claim(database)
    take_in(database, claim, "1.png")
    database.clock.advance(1.0)
    run_now(database, schedule)
    remove_schedule(database, schedule.id)
    assert states(database, schedule) == [RunState.INTAKE, RunState.FAILED]
    assert finish_run(database, claim, {}) is RunState.SUBMITTED
    assert list_schedules(database) == []
    again = make_schedule(database)
    assert known_files(database, again.id, [b"1.png"]) == {}


def test_a_schedule_that_cannot_come_due_does_not_hold_up_the_others(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    make_schedule(database, "lost")
    fine = make_schedule(database, "fine")
    execute(database, "UPDATE schedules SET time_zone = 'Mars/Base' WHERE name = 'lost'")
    go_to(database, local("2026-11-21 02:31"))
    assert fire_due(database) == 1
    assert states(database, fine) == [RunState.FIRING]


def test_it_is_known_since_when_nobody_looks(database: Database) -> None:
    assert unattended_s(database) is None
    assert elect(database, DUTY, "a", LOOK_EVERY_S)
    silent_s = unattended_s(database)
    assert silent_s is not None
    assert silent_s < 60.0
    database.clock.advance(timedelta(hours=1).total_seconds())
    silent_s = unattended_s(database)
    assert silent_s is not None
    assert silent_s > 3590.0
