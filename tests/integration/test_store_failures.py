"""What becomes of pages that fail, of workers that die and of hosts that are lost."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from sqlalchemy import Connection, event

from ocrq.types import PageState
from store.claims import Claim, heartbeat
from store.database import Database
from store.failures import Death, ReapCounts, attempt_failed, fail, reap, task_died
from store.postponing import wake_postponed
from store.unsettled import give_back
from tests.queueing import RULES, column, finish, make_batch, page_row, rows, take, try_take


def test_a_page_that_can_never_be_read_fails_at_once(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    assert fail(database, held, "encrypted", "the file asks for a password")
    row = page_row(database, held.page_id)
    assert (row["state"], row["error_code"]) == ("failed", "encrypted")
    assert row["error"] == "the file asks for a password"
    assert not fail(database, held, "again", "no")
    assert try_take(database) is None


def test_an_error_is_tried_three_times(database: Database) -> None:
    make_batch(database, pages=1)
    states = [attempt_failed(database, take(database), "error", "?!", RULES) for _ in range(3)]
    assert states == [PageState.QUEUED, PageState.QUEUED, PageState.FAILED]
    assert column(database, "SELECT kind FROM page_events") == ["retry", "retry"]
    assert rows(database, "SELECT error_code, error, attempts FROM failed_pages") == [
        {"error_code": "error", "error": "?!", "attempts": 3}
    ]


@pytest.mark.parametrize(
    ("reason", "deaths", "event"),
    [("killed", 3, "kill"), ("deadline", 2, "deadline"), ("memory", 3, "memory")],
)
def test_a_page_that_kills_its_process_is_quarantined(
    database: Database, reason: Death, deaths: int, event: str
) -> None:
    make_batch(database, pages=1)
    states = []
    for number in range(deaths):
        held = take(database, task_id=f"task-{number}")
        states.append(task_died(database, f"task-{number}", reason, RULES))
        assert not heartbeat(database, held, RULES)
    assert states == [PageState.QUEUED] * (deaths - 1) + [PageState.QUARANTINED]
    assert column(database, "SELECT error_code FROM failed_pages") == [reason]
    assert column(database, "SELECT kind FROM page_events") == [event] * deaths


def test_the_reason_of_the_last_attempt_decides_how_many_are_allowed(database: Database) -> None:
    make_batch(database, pages=1)
    attempt_failed(database, take(database), "error", "?", RULES)
    take(database, task_id="t")
    assert task_died(database, "t", "deadline", RULES) is PageState.QUARANTINED


def test_the_signal_tells_a_kill_from_a_deadline_not_the_clock(database: Database) -> None:
    make_batch(database, pages=1)
    take(database, task_id="t")
    database.clock.advance(69.0)
    task_died(database, "t", "killed", RULES)
    assert column(database, "SELECT kind FROM page_events") == ["kill"]


def test_the_death_of_an_idle_process_charges_nothing(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database, task_id="t")
    assert task_died(database, "another", "killed", RULES) is None
    assert finish(database, held)
    assert task_died(database, "t", "killed", RULES) is None


def test_an_expired_lease_is_taken_back_and_charged(database: Database) -> None:
    make_batch(database, pages=2)
    gone, alive = take(database, owner="host/1"), take(database, owner="host/2")
    database.clock.advance(29.0)
    assert reap(database, RULES) == ReapCounts()
    assert heartbeat(database, alive, RULES)
    database.clock.advance(2.0)
    assert reap(database, RULES) == ReapCounts(queued=1)
    assert not heartbeat(database, gone, RULES)
    assert heartbeat(database, alive, RULES)
    again = take(database)
    assert (again.page_id, again.fence, again.attempt) == (gone.page_id, 2, 2)
    assert column(database, "SELECT kind FROM page_events") == ["kill"]


def test_leases_that_expire_again_and_again_are_quarantined(database: Database) -> None:
    make_batch(database, pages=1)
    counts = []
    for _ in range(3):
        take(database)
        database.clock.advance(31.0)
        counts.append(reap(database, RULES))
    assert counts == [ReapCounts(queued=1), ReapCounts(queued=1), ReapCounts(quarantined=1)]


def test_a_lost_host_charges_none_of_its_pages(database: Database) -> None:
    make_batch(database, pages=4)
    lost = [take(database, owner=f"lost/{n}") for n in range(3)]
    alive = take(database, owner="alive/0")
    database.clock.advance(20.0)
    heartbeat(database, alive, RULES)
    database.clock.advance(11.0)
    assert reap(database, RULES) == ReapCounts(queued=3)
    assert [page_row(database, held.page_id)["attempts"] for held in lost] == [0, 0, 0]
    assert column(database, "SELECT kind FROM page_events") == ["reap"] * 3


def test_one_silent_child_of_a_worker_that_lives_is_charged(database: Database) -> None:
    make_batch(database, pages=3)
    silent = [take(database, owner=f"host/{n}") for n in range(2)]
    alive = take(database, owner="host/2")
    database.clock.advance(20.0)
    heartbeat(database, alive, RULES)
    database.clock.advance(11.0)
    reap(database, RULES)
    assert [page_row(database, held.page_id)["attempts"] for held in silent] == [1, 1]


def test_a_page_that_loses_every_host_is_charged_in_the_end(database: Database) -> None:
    make_batch(database, pages=2)
    rounds = 0
    while try_take(database) and try_take(database):
        database.clock.advance(31.0)
        reap(database, RULES)
        rounds += 1
        assert rounds < 20
    assert column(database, "SELECT state FROM pages") == ["quarantined"] * 2


def test_a_holder_far_beyond_its_deadline_is_fenced_off(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    for _ in range(5):
        database.clock.advance(19.0)
        assert heartbeat(database, held, RULES)
        assert reap(database, RULES) == ReapCounts()
    database.clock.advance(4.0)
    assert reap(database, RULES) == ReapCounts(queued=1)
    assert column(database, "SELECT kind FROM page_events") == ["deadline"]


def test_a_holder_that_was_heard_of_until_its_deadline_died_by_it(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database, rules=dataclasses.replace(RULES, deadline_s_per_megapixel=0.0))
    for _ in range(3):
        database.clock.advance(19.9)
        heartbeat(database, held, RULES)
    database.clock.advance(31.0)
    reap(database, RULES)
    assert column(database, "SELECT kind FROM page_events") == ["deadline"]


def test_after_a_laptop_slept_its_pages_are_not_taken_away(sqlite_url: str) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=1)
    held = take(db)
    assert reap(db, RULES) == ReapCounts()
    db.clock.jump(8 * 3600.0)
    assert reap(db, RULES) == ReapCounts()
    assert heartbeat(db, held, RULES)
    db.clock.advance(20.0)
    heartbeat(db, held, RULES)
    db.clock.advance(20.0)
    db.clock.advance(11.0)
    assert reap(db, RULES) == ReapCounts(queued=1)
    db.close()


def test_nothing_is_judged_after_a_long_wait_for_the_lock(database: Database) -> None:
    """SQLite's lock was held by another program: whoever wanted to renew a lease waited, too."""
    make_batch(database, pages=1)
    held = take(database)
    database.clock.advance(RULES.lease_s + 1.0)
    waits = iter([RULES.lease_s])

    @event.listens_for(database.engine, "begin")
    def wait(conn: Connection) -> None:
        if not conn.get_execution_options().get("ocrq_read_only"):
            database.clock.advance(next(waits, 0.0))

    assert reap(database, RULES) == ReapCounts()
    assert reap(database, RULES) == ReapCounts()
    assert page_row(database, held.page_id)["attempts"] == 1
    database.clock.advance(RULES.lease_s + 1.0)
    assert reap(database, RULES) == ReapCounts(queued=1)


def test_a_lease_from_before_a_clock_was_set_back_does_not_hold_for_hours(
    database: Database,
) -> None:
    make_batch(database, pages=2)
    dead, alive = take(database, owner="a/1"), take(database, owner="b/1")
    reap(database, RULES)
    database.clock.jump(-3600.0)
    assert reap(database, RULES) == ReapCounts()  # judged a lease later: heartbeats are on the way
    assert heartbeat(database, alive, RULES)
    database.clock.advance(RULES.lease_s + 1.0)
    assert heartbeat(database, alive, RULES)
    assert reap(database, RULES) == ReapCounts(queued=1)
    assert page_row(database, dead.page_id)["state"] == "queued"
    assert finish(database, alive)


def test_a_page_that_is_claimed_while_leases_are_judged_stays_its_holders(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reaper's question for the time and its look at the leases, both times."""
    db = Database.open(postgres_url)
    make_batch(db, pages=2)
    asked = Database.now
    claims: list[Claim | None] = []

    def now(self: Database, conn: Connection) -> datetime:
        at = asked(self, conn)
        if len(claims) < 2:
            claims.append(None)  # a claim asks for the time as well
            claims[-1] = take(db)
        return at

    monkeypatch.setattr(Database, "now", now)
    assert reap(db, RULES) == ReapCounts()
    assert [heartbeat(db, held, RULES) for held in claims if held] == [True, True]
    db.close()


def test_a_jump_of_the_time_of_the_queue_takes_no_page_from_who_renews_it(
    database: Database,
) -> None:
    make_batch(database, pages=1)
    held = take(database)
    reap(database, RULES)
    database.clock.jump(RULES.deadline_s)
    assert reap(database, RULES) == ReapCounts()
    assert heartbeat(database, held, RULES)
    assert finish(database, held)


def test_what_a_lost_answer_left_open_is_given_back(database: Database) -> None:
    make_batch(database, pages=2)
    lost, other = take(database, task_id="lost"), take(database, task_id="other")
    assert give_back(database, "lost", delay_s=5.0) == 1
    assert give_back(database, "lost", delay_s=5.0) == 0
    assert not finish(database, lost)
    assert page_row(database, lost.page_id)["attempts"] == 0
    assert finish(database, other)
    assert try_take(database) is None
    database.clock.advance(6.0)
    assert wake_postponed(database) == 1
    assert take(database).page_id == lost.page_id
