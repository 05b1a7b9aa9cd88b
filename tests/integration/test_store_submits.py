"""A batch is not done while a submit is at work on it; one that was killed holds it briefly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ocrq.errors import UsageError
from store.batches import (
    Batch,
    BatchState,
    finish_batches,
    leave_batch,
    open_batch,
    resolve_batch,
    seal_batch,
)
from store.cancelling import Cancelled, cancel_batch
from store.database import Database
from store.intake import add_documents
from store.pausing import pause_batch
from store.progress import batch_progress
from store.pruning import PruneCounts, old_batches
from store.pruning_batches import prune_batch
from store.schedule_intake import claim_run, finish_run, run_batch
from store.schedule_runs import run_now
from store.submits import see_submit
from tests.queueing import OPTIONS, column, finish, make_batch, make_document, take, try_take
from tests.scheduling import make_schedule

#: Longer than a submit is believed to be alive without a sign of life.
_LONG_S = 31.0


def join(db: Database, submit: str) -> Batch:
    return open_batch(db, name="letters", options=OPTIONS, options_hash="hash", submit=submit)


def state_of(db: Database, batch: Batch) -> BatchState:
    return batch_progress(db, batch.id).state


def read_all(db: Database, batch: Batch) -> None:
    while (held := try_take(db, batch)) is not None:
        finish(db, held)


def test_a_batch_is_open_until_the_last_of_its_submits_has_sealed_it(database: Database) -> None:
    batch = join(database, "a")
    join(database, "b")
    add_documents(database, batch, [make_document("a.png")])
    seal_batch(database, batch.id, "a")
    read_all(database, batch)
    assert finish_batches(database) == 0
    progress = batch_progress(database, batch.id)
    assert (progress.state, progress.unfinished, progress.submits) == (BatchState.OPEN, 0, 1)
    add_documents(database, batch, [make_document("b.png")])
    assert state_of(database, batch) is BatchState.OPEN
    read_all(database, batch)
    seal_batch(database, batch.id, "b")
    assert state_of(database, batch) is BatchState.DONE
    assert finish_batches(database) == 1
    assert column(database, "SELECT count(*) FROM submits") == [0]


def test_a_submit_that_only_looks_at_files_for_long_holds_its_batch(database: Database) -> None:
    batch = join(database, "a")
    join(database, "b")
    seal_batch(database, batch.id, "a")
    for _ in range(5):
        database.clock.advance(20.0)
        see_submit(database, "b")
        assert state_of(database, batch) is BatchState.OPEN
        assert finish_batches(database) == 0


def test_a_submit_that_was_killed_does_not_hold_a_sealed_batch_for_ever(
    database: Database,
) -> None:
    batch = join(database, "killed")
    join(database, "b")
    seal_batch(database, batch.id, "b")
    assert state_of(database, batch) is BatchState.OPEN
    database.clock.advance(_LONG_S)
    assert state_of(database, batch) is BatchState.DONE
    assert finish_batches(database) == 1


def test_one_that_is_killed_after_the_others_have_ended_does_not_either(
    database: Database,
) -> None:
    batch = join(database, "killed")
    join(database, "b")
    seal_batch(database, batch.id, "b")
    add_documents(database, batch, [make_document("a.png")])
    read_all(database, batch)
    assert state_of(database, batch) is BatchState.OPEN
    database.clock.advance(_LONG_S)
    assert state_of(database, batch) is BatchState.DONE


def test_pages_of_one_that_was_silent_for_long_are_read_all_the_same(database: Database) -> None:
    batch = join(database, "asleep")
    join(database, "b")
    seal_batch(database, batch.id, "b")
    database.clock.advance(_LONG_S)
    assert finish_batches(database) == 1
    add_documents(database, batch, [make_document("a.png")])
    assert state_of(database, batch) is BatchState.SEALED
    see_submit(database, "asleep")
    read_all(database, batch)
    assert state_of(database, batch) is BatchState.OPEN
    seal_batch(database, batch.id, "asleep")
    assert state_of(database, batch) is BatchState.DONE


def test_a_clock_that_was_set_back_does_not_make_a_dead_submit_live_long(
    database: Database,
) -> None:
    batch = join(database, "killed")
    seal_batch(database, batch.id)
    database.clock.advance(-3600.0)
    assert state_of(database, batch) is BatchState.DONE


def test_a_batch_whose_only_submit_was_killed_stays_open(database: Database) -> None:
    batch = join(database, "killed")
    database.clock.advance(_LONG_S)
    progress = batch_progress(database, batch.id)
    assert (progress.state, progress.submits) == (BatchState.OPEN, 0)
    assert finish_batches(database) == 0
    join(database, "again")
    seal_batch(database, batch.id, "again")
    assert state_of(database, batch) is BatchState.DONE


def test_a_submit_that_stops_early_leaves_the_batch_to_the_others(database: Database) -> None:
    batch = join(database, "a")
    join(database, "b")
    seal_batch(database, batch.id, "a")
    leave_batch(database, "b")
    assert state_of(database, batch) is BatchState.DONE


def test_a_submit_that_is_refused_holds_nothing(database: Database) -> None:
    batch = make_batch(database, name="letters")
    with pytest.raises(UsageError):
        open_batch(database, name="letters", options=OPTIONS, options_hash="other", submit="b")
    assert column(database, "SELECT count(*) FROM submits") == [0]
    assert state_of(database, batch) is BatchState.DONE


def test_what_submits_left_behind_is_forgotten(database: Database) -> None:
    join(database, "killed")
    database.clock.advance(timedelta(days=2).total_seconds())
    join(database, "a")
    assert column(database, "SELECT name FROM submits") == ["a"]


def test_a_batch_that_is_being_filled_can_be_paused_and_cancelled(database: Database) -> None:
    batch = join(database, "a")
    join(database, "b")
    seal_batch(database, batch.id, "a")
    assert pause_batch(database, batch.id)
    assert state_of(database, batch) is BatchState.PAUSED
    assert cancel_batch(database, batch.id) == Cancelled(is_batch=True, pages=0)
    assert state_of(database, batch) is BatchState.CANCELLED


def test_prune_keeps_a_batch_that_a_submit_takes_up_again_just_now(database: Database) -> None:
    batch = join(database, "a")
    add_documents(database, batch, [make_document("a.png")])
    seal_batch(database, batch.id, "a")
    finish(database, take(database))
    assert finish_batches(database) == 1
    before = database.clock.now() + timedelta(seconds=60)
    assert old_batches(database, before, also_reviewed=False) == ([(batch.id, "letters")], [])
    join(database, "b")
    assert old_batches(database, before, also_reviewed=False) == ([], [])
    assert prune_batch(database, batch.id) == PruneCounts()
    assert column(database, "SELECT count(*) FROM documents") == [1]
    leave_batch(database, "b")
    assert prune_batch(database, batch.id).batches == 1


def test_a_batch_is_pruned_with_the_traces_of_a_dead_submit(database: Database) -> None:
    batch = join(database, "killed")
    cancel_batch(database, batch.id)
    database.clock.advance(_LONG_S)
    assert prune_batch(database, batch.id).batches == 1
    assert column(database, "SELECT count(*) FROM submits") == [0]


def test_the_intake_of_a_schedule_holds_its_batch_like_a_submit(database: Database) -> None:
    run_now(database, make_schedule(database))
    claim = claim_run(database, "host/1", 30.0)
    assert claim is not None
    batch = run_batch(database, claim, "hash")
    open_batch(
        database, name=batch.name, options=batch.options, options_hash="hash", submit="by hand"
    )
    seal_batch(database, batch.id, "by hand")
    database.clock.advance(_LONG_S)  # its worker has died; another one takes it up
    assert state_of(database, batch) is BatchState.OPEN
    assert finish_batches(database) == 0
    again = claim_run(database, "host/2", 30.0)
    assert again is not None
    finish_run(database, again, {})
    assert state_of(database, batch) is BatchState.DONE
    assert finish_batches(database) == 1
    assert resolve_batch(database, batch.name).state is BatchState.DONE
