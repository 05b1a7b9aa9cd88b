"""Runs of schedules that are taken in: leased, taken up again, given up: on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from store.batches import insert_batch, open_batch
from store.database import Database
from store.schedule_intake import (
    MOST_ATTEMPTS,
    RunLost,
    claim_run,
    finish_run,
    give_back_runs,
    hold_run,
    known_files,
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
    RunState,
)
from tests.queueing import (
    OPTIONS,
    column,
    execute,
    wait_until_blocked,
)
from tests.scheduling import (
    LEASE_S,
    go_to,
    local,
    make_schedule,
    must_claim,
    states,
    take_in,
)


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
