"""Firing exactly once, runs that are leased, windows that hold: on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from ocrq.errors import UsageError
from store.batches import insert_batch, open_batch
from store.claims import ClaimScope, ready_count
from store.database import Database
from store.intake import add_documents
from store.ringing import elect
from store.schedule_intake import (
    MOST_ATTEMPTS,
    RunClaim,
    RunLost,
    SeenFile,
    check_held,
    claim_run,
    finish_run,
    give_back_runs,
    hold_run,
    known_files,
    remember_files,
    run_batch,
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
    Schedule,
    add_schedule,
    pause_schedule,
    remove_schedule,
    resolve_schedule,
    resume_schedule,
    unattended_s,
)
from store.windows import Window, roll_windows
from tests.queueing import (
    OPTIONS,
    column,
    execute,
    make_batch,
    make_document,
    rows,
    take,
    try_take,
    wait_until_blocked,
)
from tests.scheduling import go_to, local, make_plan, make_schedule

LEASE_S = 30.0


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


def test_a_schedule_is_added_found_and_removed(database: Database) -> None:
    go_to(database, local("2026-11-20 12:00"))
    plan = make_plan(b"/scans/caf\xe9", window="2-6")
    added = add_schedule(database, "nightly", plan)
    assert added.plan == plan
    assert added.next_at == local("2026-11-21 02:30")
    assert resolve_schedule(database, "nightly") == added
    with pytest.raises(UsageError, match="already"):
        add_schedule(database, "nightly", plan)
    with pytest.raises(UsageError, match="'nighly'; there are nightly"):
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


def test_an_intake_that_dies_is_taken_up_and_the_dead_one_writes_nothing(
    database: Database,
) -> None:
    schedule = make_schedule(database)
    run_now(database, schedule)
    dead = must_claim(database, "a")
    take_in(database, dead, "1.png", "2.png")
    assert claim_run(database, "b", LEASE_S) is None
    assert hold_run(database, dead, LEASE_S)
    database.clock.advance(LEASE_S + 1)
    assert unfinished_runs(database) == 1
    alive = must_claim(database, "b")
    assert alive.batch_id is not None
    assert not hold_run(database, dead, LEASE_S)
    for write in (
        lambda: take_in(database, dead, "3.png"),
        lambda: finish_run(database, dead, {}),
        lambda: run_batch(database, dead, "hash"),
    ):
        with pytest.raises(RunLost):
            write()
    known = known_files(database, schedule.id, [b"1.png", b"2.png", b"3.png"])
    assert known.keys() == {b"1.png", b"2.png"}
    take_in(database, alive, "3.png")
    assert finish_run(database, alive, {"files": 3}) is RunState.SUBMITTED
    run = run_history(database, [schedule.id], 1)[0]
    assert run.intake == {"files": 3, "new_documents": 3, "new_pages": 3, "duplicates": 0}
    assert column(database, "SELECT count(*) FROM batches WHERE sealed_at IS NOT NULL") == [1]


def test_an_intake_whose_worker_ended_is_taken_up_at_once(database: Database) -> None:
    schedule = make_schedule(database)
    run_now(database, schedule)
    for _ in range(2 * MOST_ATTEMPTS):
        must_claim(database, "a")
        assert give_back_runs(database, "b") == 0
        assert give_back_runs(database, "a") == 1
    assert states(database, schedule) == [RunState.INTAKE]


def test_an_intake_that_always_dies_is_given_up(database: Database) -> None:
    schedule = make_schedule(database)
    run_now(database, schedule)
    for _ in range(MOST_ATTEMPTS):
        must_claim(database)
        database.clock.advance(LEASE_S + 1)
    assert claim_run(database, "a", LEASE_S) is None
    run = run_history(database, [schedule.id], 1)[0]
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert "10 times" in run.error


def test_runs_of_one_schedule_are_taken_in_one_after_the_other(database: Database) -> None:
    one, other = make_schedule(database, "one"), make_schedule(database, "other")
    for schedule in (one, one, other):
        run_now(database, schedule)
        database.clock.advance(1.0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: claim_run(database, str(n), LEASE_S), range(6)))
    claims = [claim for claim in found if claim is not None]
    while more := claim_run(database, "x", LEASE_S):  # a lock may have been in somebody's way
        claims.append(more)
    assert sorted(claim.schedule.name for claim in claims) == ["one", "other"]
    finish_run(database, next(c for c in claims if c.schedule.name == "one"), {})
    assert must_claim(database).schedule.name == "one"


def test_a_batch_is_named_after_schedule_and_day_and_never_takes_anothers_name(
    database: Database,
) -> None:
    go_to(database, local("2026-11-20 12:00"))
    make_schedule(database)
    open_batch(database, name="nightly-20261121", options=OPTIONS, options_hash="other")
    names = []
    for day in (21, 22):
        go_to(database, local(f"2026-11-{day} 02:31"))
        fire_due(database)
        claim = must_claim(database)
        take_in(database, claim, f"{day}.png")
        finish_run(database, claim, {})
        names.append(list_schedules(database)[0].last)
    assert [run.batch for run in names if run] == ["nightly-20261121-1", "nightly-20261122"]


@pytest.mark.postgres
def test_a_name_that_is_taken_while_a_run_looks_for_one_is_left_to_whoever_took_it(
    postgres_url: str,
) -> None:
    db = Database.open(postgres_url)
    go_to(db, local("2026-11-21 12:00"))
    run_now(db, make_schedule(db))
    claim = must_claim(db)
    with ThreadPoolExecutor(1) as pool:
        with db.write() as conn:
            other = insert_batch(
                conn,
                db.now(conn),
                names=["nightly-20261121"],
                options=OPTIONS,
                options_hash="other",
                priority=5,
                window=None,
            )
            made = pool.submit(run_batch, db, claim, "hash")
            wait_until_blocked(db)
        assert made.result().name == "nightly-20261121-1"
    assert other is not None
    assert other.name == "nightly-20261121"
    db.close()


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


def test_a_pruned_batch_leaves_the_run_and_what_is_known(database: Database) -> None:
    schedule = make_schedule(database)
    run_now(database, schedule)
    claim = must_claim(database)
    take_in(database, claim, "1.png")
    finish_run(database, claim, {})
    for table in ("pages", "documents", "batches"):
        execute(database, f"DELETE FROM {table}")
    run = run_history(database, [schedule.id], 1)[0]
    assert (run.state, run.batch) == (RunState.SUBMITTED, None)
    assert known_files(database, schedule.id, [b"1.png"])


def test_a_batch_whose_window_opens_again_takes_turns_with_the_others(database: Database) -> None:
    go_to(database, local("2026-10-20 02:00:01"))
    window = Window.parse("2-6", "Europe/Berlin")
    nightly = open_batch(database, name="w", options=OPTIONS, options_hash="h", window=window)
    add_documents(database, nightly, [make_document(pages=9)])
    daily = make_batch(database, pages=40)
    assert {take(database).batch_id for _ in range(4)} == {nightly.id, daily.id}
    go_to(database, local("2026-10-20 12:00"))
    roll_windows(database)
    assert [take(database).batch_id for _ in range(20)] == [daily.id] * 20
    go_to(database, local("2026-10-21 01:59:50"))
    roll_windows(database)  # a tick just before it opens
    go_to(database, local("2026-10-21 02:00:01"))
    taken = [take(database).batch_id for _ in range(10)]
    assert taken.count(nightly.id) == 5, "it does not go before the others because it was shut"


def test_a_window_holds_its_batch_outside_of_its_hours(database: Database) -> None:
    go_to(database, local("2026-10-24 12:00"))
    window = Window.parse("2-6", "Europe/Berlin")
    batch = open_batch(database, name="w", options=OPTIONS, options_hash="h", window=window)
    add_documents(database, batch, [make_document(pages=9)])
    scope = ClaimScope(batch_id=None, owner="a", task_id=None)
    for when, is_open in (
        ("2026-10-24 23:00", False),
        ("2026-10-25 02:00:01", True),  # five hours: the third comes twice
        ("2026-10-25 05:59", True),
        ("2026-10-25 06:01", False),
        ("2026-10-26 01:59", False),
        ("2026-10-26 02:01", True),
        ("2026-10-29 03:00", True),  # nobody looked for days
    ):
        go_to(database, local(when))
        if is_open:
            roll_windows(database)
        assert (try_take(database) is not None) == is_open, when
        assert (ready_count(database, scope, 10) > 0) == is_open, when
        roll_windows(database)
        assert (try_take(database) is not None) == is_open, when
    found = rows(database, "SELECT * FROM batches")[0]
    assert found["time_window"] == "02:00-06:00 Europe/Berlin"
    assert roll_windows(database) == 0
    with pytest.raises(UsageError, match="window 02:00-06:00 Europe/Berlin, not 03:00"):
        open_batch(
            database,
            name="w",
            options=OPTIONS,
            options_hash="h",
            window=Window.parse("3-6", "Europe/Berlin"),
        )


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
