"""Batches: names, taking up again, progress, cancelling, finishing."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from ocrq.errors import UsageError
from ocrq.types import PageOptions
from store.batches import (
    BatchState,
    finish_batches,
    open_batch,
    resolve_batch,
    seal_batch,
)
from store.cancelling import Cancelled, cancel_batch
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.failures import fail
from store.intake import add_documents
from store.pausing import pause_batch, resume_batch
from store.progress import batch_progress, list_batches
from store.requeue import requeue
from tests.queueing import (
    OPTIONS,
    column,
    execute,
    finish,
    make_batch,
    make_document,
    take,
    try_take,
    wait_until_blocked,
)


def test_default_names_count_up_on_each_day(database: Database) -> None:
    names = [make_batch(database).name for _ in range(2)]
    execute(database, "UPDATE batches SET name = 'gone' WHERE name = :n", n=names[0])
    names.append(make_batch(database).name)
    stems = {name.rpartition("-")[0] for name in names}
    assert len(stems) == 1
    assert stems.pop().startswith("scans-20")
    assert [name.rpartition("-")[2] for name in names] == ["1", "2", "3"]


def test_an_existing_batch_is_taken_up_with_the_same_options_only(database: Database) -> None:
    batch = make_batch(database, pages=1, name="letters")
    again = open_batch(database, name="letters", options=OPTIONS, options_hash="hash", priority=9)
    assert (again.id, again.priority, again.sealed_at) == (batch.id, 5, None)
    other = PageOptions(dpi=300, clean=False)
    with pytest.raises(UsageError, match=r"clean True \(now False\), dpi None \(now 300\)"):
        open_batch(database, name="letters", options=other, options_hash="other")
    with pytest.raises(UsageError, match="another version of the model"):
        open_batch(database, name="letters", options=OPTIONS, options_hash="retrained")


def test_a_refused_submit_leaves_the_batch_as_it_was(database: Database) -> None:
    batch = make_batch(database, pages=1)
    with pytest.raises(UsageError):
        open_batch(database, name=batch.name, options=OPTIONS, options_hash="retrained")
    assert resolve_batch(database, batch.name).sealed_at is not None


@pytest.mark.parametrize(
    ("name", "priority"), [("", 5), (" ", 5), ("a\nb", 5), ("ok", 10), ("ok", -1)]
)
def test_nonsense_is_refused(database: Database, name: str, priority: int) -> None:
    with pytest.raises(UsageError):
        open_batch(database, name=name, options=OPTIONS, options_hash="h", priority=priority)


def test_a_batch_is_found_by_name_or_id_and_names_win(database: Database) -> None:
    first = make_batch(database, name="letters")
    second = make_batch(database, name=str(first.id))
    assert resolve_batch(database, "letters") == resolve_batch(database, "letters")
    assert resolve_batch(database, str(first.id)).id == second.id
    assert resolve_batch(database, str(second.id)).name == str(first.id)
    goes_on = open_batch(
        database, name=str(first.id), options=OPTIONS, options_hash=second.options_hash
    )
    assert goes_on.id == second.id
    with pytest.raises(UsageError, match="letters"):
        resolve_batch(database, "leters")
    with pytest.raises(UsageError, match="no batch"):
        resolve_batch(database, "9" * 30)


def test_names_that_are_not_all_are_counted(database: Database) -> None:
    for _ in range(4):
        make_batch(database)
    with pytest.raises(UsageError, match="there are 4, such as scans-"):
        resolve_batch(database, "quite another")


def test_with_an_empty_database_nothing_is_near(database: Database) -> None:
    with pytest.raises(UsageError, match="nothing was submitted yet"):
        resolve_batch(database, "letters")


def test_progress_counts_pages_by_state(database: Database) -> None:
    batch = make_batch(database, make_document("bad", error_code="truncated"), pages=4)
    finish(database, take(database))
    fail(database, take(database), "code", "error")
    take(database)
    progress = batch_progress(database, batch.id)
    assert (progress.documents, progress.duplicates, progress.pages) == (2, 0, 5)
    assert (progress.done, progress.failed, progress.leased, progress.queued) == (1, 2, 1, 1)
    assert (progress.unfinished, progress.finished) == (2, 3)
    assert progress.state is BatchState.SEALED
    assert progress.pages_per_minute is not None
    assert progress.eta_s == pytest.approx(2 / progress.pages_per_minute * 60)
    assert list_batches(database)[0].batch == progress.batch


def test_without_new_readings_no_time_is_promised(database: Database) -> None:
    batch = make_batch(database, pages=2)
    finish(database, take(database))
    database.clock.advance(3600.0)
    progress = batch_progress(database, batch.id)
    assert (progress.pages_per_minute, progress.eta_s) == (None, None)


def test_states_follow_from_pages(database: Database) -> None:
    batch = make_batch(database, pages=1, sealed=False)
    assert batch_progress(database, batch.id).state is BatchState.OPEN
    finish(database, take(database))
    assert batch_progress(database, batch.id).state is BatchState.OPEN
    seal_batch(database, batch.id)
    assert batch_progress(database, batch.id).state is BatchState.DONE
    assert batch_progress(database, make_batch(database).id).state is BatchState.DONE
    waiting = make_batch(database, pages=1)
    execute(
        database,
        "UPDATE batches SET paused_at = '2026-01-01 00:00:00.000000Z' WHERE id = :id",
        id=waiting.id,
    )
    assert batch_progress(database, waiting.id).state is BatchState.PAUSED
    cancel_batch(database, waiting.id)
    progress = batch_progress(database, waiting.id)
    assert (progress.state, progress.cancelled, progress.eta_s) == (BatchState.CANCELLED, 1, 0.0)
    with pytest.raises(UsageError):
        batch_progress(database, 99)


def test_a_cancelled_batch_takes_no_more_documents(database: Database) -> None:
    batch = make_batch(database, pages=1)
    cancel_batch(database, batch.id)
    with pytest.raises(UsageError, match="cancelled"):
        open_batch(database, name=batch.name, options=OPTIONS, options_hash="hash")
    with pytest.raises(UsageError, match="cancelled"):
        add_documents(database, batch, [make_document("late.png")])
    assert column(database, "SELECT count(*) FROM pages") == [1]


def test_finished_batches_are_noted_and_taken_up_again(database: Database) -> None:
    batch = make_batch(database, pages=1)
    unsealed = make_batch(database, name="unsealed", sealed=False)
    assert finish_batches(database) == 0
    finish(database, take(database))
    assert finish_batches(database) == 1
    assert finish_batches(database) == 0
    assert resolve_batch(database, batch.name).finished_at is not None
    assert resolve_batch(database, unsealed.name).finished_at is None
    more = dataclasses.replace(make_document("more.png"), mtime_ns=5)
    make_batch(database, more, name=batch.name)
    assert take(database, batch).path == b"more.png"
    assert try_take(database, batch) is None


def test_who_submits_at_once_gets_a_batch_of_a_name_of_its_own(database: Database) -> None:
    start = Barrier(6)

    def submit(name: str | None) -> int:
        start.wait(30.0)
        return open_batch(database, name=name, options=OPTIONS, options_hash="hash").id

    with ThreadPoolExecutor(6) as pool:
        wanted = [None, None, None, "letters", "letters", "letters"]
        ids = list(pool.map(submit, wanted))
    assert len(set(ids[:3])) == 3
    assert len(set(ids[3:])) == 1
    assert len(column(database, "SELECT name FROM batches")) == 4


def test_what_is_wrong_with_a_batch_but_its_name_is_not_tried_again(database: Database) -> None:
    with pytest.raises(IntegrityError, match="options_hash"):
        open_batch(database, name=None, options=OPTIONS, options_hash=None)  # type: ignore[arg-type]


@pytest.mark.postgres
def test_cancelling_sees_what_a_retry_queues_while_it_waits_for_the_batch(
    postgres_url: str,
) -> None:
    db = Database.open(postgres_url)
    batch = make_batch(db, pages=1)
    held = take(db)
    fail(db, held, "code", "error")
    with ThreadPoolExecutor(1) as pool:
        with db.write() as conn:
            assert requeue(conn, batch.id, [held.page_id], db.now(conn))
            cancelled = pool.submit(cancel_batch, db, batch.id)
            wait_until_blocked(db)
        assert cancelled.result() == Cancelled(is_batch=True, pages=1)
    assert batch_progress(db, batch.id).state is BatchState.CANCELLED
    db.close()


def test_cancelling_says_what_it_cancelled(database: Database) -> None:
    batch = make_batch(database, pages=2)
    assert cancel_batch(database, batch.id) == Cancelled(is_batch=True, pages=2)
    assert cancel_batch(database, batch.id) == Cancelled(is_batch=False, pages=0)
    unsealed = make_batch(database, sealed=False)
    assert cancel_batch(database, unsealed.id) == Cancelled(is_batch=True, pages=0)
    done = make_batch(database, pages=1)
    finish(database, take(database))
    assert cancel_batch(database, done.id) == Cancelled(is_batch=False, pages=0)


def test_cancelling_catches_links_that_are_about_to_get_pages(database: Database) -> None:
    same = "7" * 64
    first = make_batch(database, make_document("original", sha256=same), name="first")
    second = make_batch(database, make_document("copy", sha256=same), name="second")
    cancel_batch(database, first.id)
    cancel_batch(database, second.id)
    assert batch_progress(database, second.id).state is BatchState.CANCELLED
    while revive_orphaned_duplicates(database):
        pass
    assert try_take(database) is None


def test_pages_of_a_batch_that_was_cancelled_meanwhile_are_not_queued(database: Database) -> None:
    batch = make_batch(database, pages=1)
    cancel_batch(database, batch.id)
    with database.write() as conn:
        assert not requeue(conn, batch.id, [1], database.now(conn))
    assert column(database, "SELECT state FROM pages") == ["cancelled"]


def test_a_batch_of_links_is_done_when_their_pages_are_read(database: Database) -> None:
    scan = make_document("a.tif", pages=2, sha256="a" * 64)
    first = make_batch(database, scan)
    copy = make_batch(database, scan)
    finish(database, take(database, first))
    progress = batch_progress(database, copy.id)
    assert (progress.state, progress.linked_unread, progress.unfinished) == ("sealed", 1, 0)
    assert batch_progress(database, copy.id, with_links=False).linked_unread == 0
    pause_batch(database, first.id)
    assert batch_progress(database, copy.id).state is BatchState.SEALED
    resume_batch(database, first.id)
    finish(database, take(database, first))
    assert batch_progress(database, copy.id).state is BatchState.DONE


def test_a_batch_of_links_to_a_page_that_failed_is_not_done(database: Database) -> None:
    scan = make_document("a.tif", sha256="a" * 64)
    first = make_batch(database, scan)
    copy = make_batch(database, scan)
    fail(database, take(database, first), "truncated", "its end is missing")
    assert batch_progress(database, copy.id).state is BatchState.SEALED
    revive_orphaned_duplicates(database)
    progress = batch_progress(database, copy.id)
    assert (progress.state, progress.linked_unread, progress.queued) == ("sealed", 0, 1)


def test_a_copy_beside_a_page_that_failed_keeps_its_batch_from_being_done(
    database: Database,
) -> None:
    docs = [make_document(f"{n}.tif", sha256="a" * 64) for n in range(2)]
    batch = make_batch(database, *docs)
    fail(database, take(database, batch), "truncated", "its end is missing")
    assert batch_progress(database, batch.id).state is BatchState.SEALED
