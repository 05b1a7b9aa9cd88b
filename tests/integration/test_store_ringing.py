"""Whose turn a duty is, which workers live, and leases that their main keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from store.claims import heartbeat, reap, release_owner
from store.database import Database
from store.failures import attempt_failed, task_died
from store.leases import FORGIVEN_LOSSES
from store.retrying import retry_pages
from store.ringing import (
    WorkerInfo,
    elect,
    forget_worker,
    forgive_lost_worker,
    keep_duty,
    note_worker,
    renew_silent,
)
from store.unsettled import give_back
from store.working import report_workers
from tests.queueing import RULES, finish, make_batch, take


def worker(owner: str) -> WorkerInfo:
    return WorkerInfo(owner=owner, host="h", pid=1, version="1", device="cpu", concurrency=2)


def test_one_worker_is_elected_each_time(database: Database) -> None:
    def run(owner: int) -> bool:
        return elect(database, "ringer", str(owner), every_s=600.0)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(8))) == 1
        database.clock.advance(601.0)
        assert sum(pool.map(run, range(8))) == 1
    assert elect(database, "chores", "0", every_s=5.0)


def test_who_has_a_duty_may_go_on_with_it_until_its_time_is_over(database: Database) -> None:
    assert elect(database, "ringer", "a", every_s=10.0)
    database.clock.advance(8.0)
    assert keep_duty(database, "ringer", "a", every_s=10.0)
    assert not keep_duty(database, "ringer", "b", every_s=10.0)
    database.clock.advance(8.0)
    assert not elect(database, "ringer", "b", every_s=10.0)
    database.clock.advance(3.0)
    assert not keep_duty(database, "ringer", "a", every_s=10.0)
    assert elect(database, "ringer", "b", every_s=10.0)
    assert not keep_duty(database, "ringer", "a", every_s=10.0)


def test_workers_are_listed_while_they_are_heard_of(database: Database) -> None:
    note_worker(database, worker("a"))
    database.clock.advance(60.0)
    note_worker(database, worker("b"))
    note_worker(database, worker("a"))
    found = report_workers(database)
    assert [w.owner for w in found] == ["a", "b"]
    assert (found[0].seen_at - found[0].started_at).total_seconds() >= 60.0
    forget_worker(database, "b")
    database.clock.advance(48 * 3600.0)
    note_worker(database, worker("c"))
    assert [w.owner for w in report_workers(database)] == ["c"]


def test_a_main_keeps_the_leases_of_its_children_until_the_deadline(database: Database) -> None:
    make_batch(database, pages=2)
    own = take(database, owner="main/0", task_id="own")
    other = take(database, owner="main2/0", task_id="other")
    at_work = {"own", "other"}
    database.clock.advance(20.0)
    assert renew_silent(database, "main", RULES, at_work) == 1
    assert renew_silent(database, "main", RULES, at_work) == 0
    database.clock.advance(15.0)
    assert reap(database, RULES).queued == 1
    assert heartbeat(database, own, RULES)
    assert not heartbeat(database, other, RULES)
    database.clock.advance(60.0)
    assert renew_silent(database, "main", RULES, at_work) == 0


def test_a_main_keeps_no_lease_that_none_of_its_tasks_works_under(database: Database) -> None:
    make_batch(database, pages=1)
    take(database, owner="main/0", task_id="its claim was never answered")
    database.clock.advance(20.0)
    assert renew_silent(database, "main", RULES, {"another"}) == 0
    assert renew_silent(database, "main", RULES, set()) == 0


def test_a_duty_due_in_a_future_that_was_taken_back_is_done(database: Database) -> None:
    assert elect(database, "ringer", "a", every_s=0.5)
    database.clock.jump(-3600.0)
    assert elect(database, "ringer", "b", every_s=0.5)
    assert not elect(database, "ringer", "a", every_s=0.5)


def test_a_silent_page_is_kept_after_the_clock_was_set_back(database: Database) -> None:
    """Its lease ends in an hour then; the next one to judge would take it for one of long ago."""
    make_batch(database, pages=1)
    held = take(database, owner="main/0", task_id="t")
    reap(database, RULES)
    database.clock.jump(-3600.0)
    assert renew_silent(database, "main", RULES, {"t"}) == 1
    assert renew_silent(database, "main", RULES, {"t"}) == 0
    for _ in range(5):  # reaping waits a lease after the jump, then judges
        database.clock.advance(15.0)
        renew_silent(database, "main", RULES, {"t"})
        assert reap(database, RULES).queued == 0
    assert finish(database, held)


def test_the_page_of_a_doubled_bell_is_left_to_whoever_holds_it(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database, owner="b/1", task_id="doubled")
    for other in ("a", "a/1", "b/11"):
        assert task_died(database, "doubled", "killed", RULES, other) is None
        assert give_back(database, "doubled", 0.0, other) == 0
    assert heartbeat(database, held, RULES)
    assert give_back(database, "doubled", 0.0, "b/1") == 1
    take(database, owner="b/1", task_id="doubled")
    assert task_died(database, "doubled", "killed", RULES, "b") == "queued"


def test_losses_are_forgiven_anew_to_a_page_that_is_asked_for_again(database: Database) -> None:
    make_batch(database, pages=1)
    for _ in range(FORGIVEN_LOSSES):
        take(database, owner="main/0")
        assert forgive_lost_worker(database, "main") == 1
    held = take(database, owner="main/0")
    assert forgive_lost_worker(database, "main") == 0
    attempt_failed(database, held, "error", "?", RULES)
    for _ in range(RULES.max_attempts - 1):
        attempt_failed(database, take(database), "error", "?", RULES)
    assert retry_pages(database).pages == 1
    take(database, owner="main/0")
    assert forgive_lost_worker(database, "main") == 1


def test_stopping_in_order_uses_up_no_forgiven_loss(database: Database) -> None:
    make_batch(database, pages=1)
    for _ in range(2 * FORGIVEN_LOSSES):
        take(database, owner="main/0")
        assert release_owner(database, "main/") == 1
    take(database, owner="main/0")
    assert forgive_lost_worker(database, "main") == 1
