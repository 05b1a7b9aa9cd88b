"""Pausing, resuming, priorities: what is claimed next, counted in claims."""

from __future__ import annotations

import pytest

from ocrq.errors import UsageError
from store.batches import Batch, BatchState, finish_batches
from store.cancelling import cancel_batch
from store.claims import ready_count
from store.database import Database
from store.failures import fail
from store.pausing import (
    held_since,
    hold_everything,
    pause_batch,
    paused_batches,
    release_everything,
    resume_batch,
    set_priority,
)
from store.progress import batch_progress
from store.ready import ClaimScope
from store.redoing import RedoFilter, redo_pages
from store.retrying import RetryFilter, retry_pages
from tests.queueing import OPTIONS, finish, make_batch, take, try_take
from tests.readings import ENGINE

EVERYTHING = ClaimScope(batch_id=None, owner="host/1", task_id=None)


def test_a_paused_batch_is_passed_by_until_it_is_resumed(database: Database) -> None:
    first, second = make_batch(database, pages=2), make_batch(database, pages=1)
    held = take(database, first)
    assert pause_batch(database, first.id)
    assert not pause_batch(database, first.id)
    assert batch_progress(database, first.id).state is BatchState.PAUSED
    assert take(database).batch_id == second.id
    assert try_take(database) is None
    assert finish(database, held), "what is being read is finished"
    assert [batch.name for batch in paused_batches(database)] == [first.name]
    assert resume_batch(database, first.id)
    assert not resume_batch(database, first.id)
    assert take(database).batch_id == first.id


def test_everything_is_paused_what_is_submitted_later_too(database: Database) -> None:
    batch, alone = make_batch(database, pages=1), make_batch(database, pages=1)
    pause_batch(database, alone.id)
    assert hold_everything(database)
    assert not hold_everything(database)
    later = make_batch(database, pages=1)
    assert try_take(database) is None
    assert ready_count(database, EVERYTHING, 10) == 0
    for held in (batch, later):
        assert batch_progress(database, held.id).state is BatchState.PAUSED
        assert batch_progress(database, held.id).eta_s is None
    assert held_since(database) is not None
    assert release_everything(database)
    assert not release_everything(database)
    assert ready_count(database, EVERYTHING, 10) == 2
    assert {take(database).batch_id for _ in range(2)} == {batch.id, later.id}
    assert try_take(database) is None, "paused by itself, it stays paused"


def test_a_cancelled_or_finished_batch_is_not_paused(database: Database) -> None:
    cancelled, done = make_batch(database, pages=1), make_batch(database, pages=1)
    cancel_batch(database, cancelled.id)
    finish(database, take(database, done))
    finish_batches(database)
    for change in (pause_batch, resume_batch):
        with pytest.raises(UsageError, match="was cancelled"):
            change(database, cancelled.id)
    with pytest.raises(UsageError, match="was cancelled"):
        set_priority(database, cancelled.id, 9)
    with pytest.raises(UsageError, match="is done"):
        pause_batch(database, done.id)
    assert batch_progress(database, done.id).state is BatchState.DONE


def test_a_higher_priority_goes_before_a_lower_one(database: Database) -> None:
    low, high = make_batch(database, pages=3), make_batch(database, pages=2)
    assert set_priority(database, high.id, 8) == 5
    assert [take(database).batch_id for _ in range(3)] == [high.id, high.id, low.id]
    assert set_priority(database, high.id, 8) == 8
    with pytest.raises(UsageError, match=r"0\.\.9"):
        set_priority(database, low.id, 10)


def claims_until_done(db: Database, small: Batch, pages: int) -> int:
    """How many pages are begun, of whatever batch, until all of this one are."""
    for count in range(1, 20 * pages):
        held = take(db)
        finish(db, held)
        pages -= held.batch_id == small.id
        if pages == 0:
            return count
    raise AssertionError("the small batch starves")


def test_a_small_batch_finishes_beside_a_huge_one_within_one_and_a_half_times_its_time(
    database: Database,
) -> None:
    """100,000 pages of one batch wait; ten of another go two by two between them."""
    huge = make_batch(database, pages=100_000)
    for _ in range(5):
        finish(database, take(database))
    small = make_batch(database, pages=10)
    assert claims_until_done(database, small, 10) <= 15
    # the same when the huge one comes from another priority, or was away and comes back
    set_priority(database, huge.id, 4)
    other = make_batch(database, pages=60)
    for _ in range(30):
        finish(database, take(database))
    set_priority(database, huge.id, 5)
    assert claims_until_done(database, other, 30) <= 61
    small = make_batch(database, pages=10)
    assert claims_until_done(database, small, 10) <= 15


def test_a_batch_that_was_paused_for_long_goes_on_beside_the_others(database: Database) -> None:
    huge = make_batch(database, pages=500)
    pause_batch(database, huge.id)
    other = make_batch(database, pages=120)
    for _ in range(60):
        finish(database, take(database))
    resume_batch(database, huge.id)
    assert claims_until_done(database, other, 60) <= 121
    small = make_batch(database, pages=10)
    assert claims_until_done(database, small, 10) <= 15


def test_pausing_is_no_way_to_the_front(database: Database) -> None:
    first, second = make_batch(database, pages=50), make_batch(database, pages=50)
    for _ in range(10):
        finish(database, take(database, second))  # a worker of its own helped it ahead
    pause_batch(database, second.id)
    resume_batch(database, second.id)
    assert [take(database).batch_id for _ in range(5)] == [first.id] * 5


def test_many_pages_tried_or_read_again_do_not_starve_a_small_batch(database: Database) -> None:
    again = make_batch(database, pages=60)
    for number in range(60):
        held = take(database)
        if number % 2:
            fail(database, held, "storage", "away")
        else:
            finish(database, held)
    assert retry_pages(database, RetryFilter(batch_id=again.id)).pages == 30
    small = make_batch(database, pages=10)
    assert claims_until_done(database, small, 10) <= 20
    while held_page := try_take(database):
        finish(database, held_page)
    other = OPTIONS.from_json(OPTIONS.to_json().replace('"clean":true', '"clean":false'))
    assert redo_pages(database, again, other, ENGINE, RedoFilter()).queued == 60
    small = make_batch(database, pages=10)
    assert claims_until_done(database, small, 10) <= 20
