"""Reading again: the options that a redo hands out, what stays, what becomes of a failure."""

from __future__ import annotations

import dataclasses

import pytest

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import BatchState, finish_batches
from store.cancelling import cancel_batch
from store.corrections import correct_line
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.failures import attempt_failed, fail, task_died
from store.progress import batch_progress
from store.readings import load_reading
from store.redoing import RedoFilter, redo_pages
from store.results import complete
from tests.queueing import (
    OPTIONS,
    RULES,
    column,
    finish,
    make_batch,
    make_document,
    page_row,
    take,
    try_take,
)
from tests.readings import ENGINE, make_result

OTHER = dataclasses.replace(OPTIONS, engine="resnet", clean=False)
MODEL = dataclasses.replace(ENGINE, name="resnet", weights_sha256="f" * 64)


def test_a_redo_adds_a_reading_made_with_its_own_options(database: Database) -> None:
    batch = make_batch(database, pages=2)
    doubted = make_result("ab", doubts={(0, 0): 0.1, (0, 1): 0.2})
    complete(database, take(database), doubted, ENGINE)
    finish(database, take(database))
    finish_batches(database)
    counts = redo_pages(database, batch, OTHER, MODEL, RedoFilter(below=0.9))
    assert (counts.queued, counts.waiting, counts.same) == (1, 0, 0)
    progress = batch_progress(database, batch.id)
    assert (progress.state, progress.queued, progress.redoing) == (BatchState.SEALED, 1, 1)
    first = load_reading(database, 1)
    assert first is not None, "it keeps its reading until there is another"
    held = take(database)
    assert (held.options, held.attempt, held.page_id) == (OTHER, 1, 1)
    assert complete(database, held, make_result("cd"), MODEL)
    second = load_reading(database, 1)
    assert second is not None
    assert second.reading_id != first.reading_id
    assert second.result.text == "cd"
    assert column(database, "SELECT count(*) FROM readings WHERE page_id = 1") == [2]
    assert column(database, "SELECT kind FROM page_events WHERE page_id = 1") == ["redo"]
    finish_batches(database)
    assert batch_progress(database, batch.id).state is BatchState.DONE
    assert batch_progress(database, batch.id).redoing == 0


def test_the_same_redo_again_does_nothing(database: Database) -> None:
    batch = make_batch(database, pages=2)
    for _ in range(2):
        finish(database, take(database))
    assert redo_pages(database, batch, OTHER, MODEL, RedoFilter(), dry_run=True).queued == 2
    assert try_take(database) is None
    redo_pages(database, batch, OTHER, MODEL, RedoFilter())
    again = redo_pages(database, batch, OTHER, MODEL, RedoFilter())
    assert (again.queued, again.waiting) == (0, 2)
    for _ in range(2):
        assert complete(database, take(database), make_result("x"), MODEL)
    again = redo_pages(database, batch, OTHER, MODEL, RedoFilter())
    assert (again.queued, again.same) == (0, 2)
    assert column(database, "SELECT page_count FROM redos") == [2]


@pytest.mark.parametrize("also_reviewed", [False, True])
def test_what_people_corrected_stays_unless_told_otherwise(
    database: Database, also_reviewed: bool
) -> None:
    batch = make_batch(database, pages=2)
    for _ in range(2):
        finish(database, take(database))
    correct_line(database, 1, 0, "corrected", reviewer="ann", mode="test")
    chosen = RedoFilter(also_reviewed=also_reviewed)
    counts = redo_pages(database, batch, OTHER, MODEL, chosen)
    assert (counts.queued, counts.reviewed) == ((2, 0) if also_reviewed else (1, 1))
    # one that is corrected while it waits is as safe as one that was before
    correct_line(database, 2, 0, "corrected too", reviewer="ann", mode="test")
    while held := try_take(database):
        assert complete(database, held, make_result("new"), MODEL)
    texts = column(database, "SELECT text FROM page_text ORDER BY page")
    assert texts == (["new", "new"] if also_reviewed else ["corrected", "corrected too"])
    assert column(database, "SELECT count(*) FROM corrections") == [2]


def test_a_redo_that_fails_leaves_the_page_as_it_was(database: Database) -> None:
    batch = make_batch(database, make_document("a", pages=4, sha256="1" * 64))
    for _ in range(4):
        finish(database, take(database))
    link = make_batch(database, make_document("b", pages=4, sha256="1" * 64))
    redo_pages(database, batch, OTHER, MODEL, RedoFilter())
    fail(database, take(database), "vanished", "it is gone")
    while (held := take(database, task_id="t")).number == 2:
        task_died(database, "t", "killed", RULES)
    for _ in range(RULES.max_attempts):
        attempt_failed(database, held, "error", "?", RULES)
        held = take(database)
    assert held.number == 4
    assert cancel_batch(database, batch.id).pages == 1
    rows = [page_row(database, page_id) for page_id in range(1, 5)]
    assert {row["state"] for row in rows} == {"done"}
    assert [row["error_code"] for row in rows] == ["vanished", "killed", "error", None]
    assert all(row["reading_id"] for row in rows)
    progress = batch_progress(database, batch.id)
    assert (progress.redo_failed, progress.failed, progress.done) == (3, 0, 4)
    assert progress.state is not BatchState.CANCELLED
    assert revive_orphaned_duplicates(database) == 0, "its duplicates lose nothing"
    assert batch_progress(database, link.id).duplicates == 1


def test_what_is_not_touched_is_counted(database: Database) -> None:
    first = make_batch(database, make_document("a", sha256="1" * 64), name="first")
    second = make_batch(
        database, make_document("b", sha256="1" * 64), make_document("c", pages=3), name="second"
    )
    finish(database, take(database, first))
    finish(database, take(database, second))
    fail(database, take(database, second), "unreadable", "?")
    counts = redo_pages(database, second, OTHER, MODEL, RedoFilter())
    assert (counts.queued, counts.waiting, counts.unread) == (1, 1, 1)
    assert counts.elsewhere == {"first": 1}
    counts = redo_pages(database, second, OTHER, MODEL, RedoFilter(documents=["b"]))
    assert (counts.waiting, counts.unread, counts.elsewhere) == (0, 0, {"first": 1})
    counts = redo_pages(database, second, OTHER, MODEL, RedoFilter(documents=["c"]))
    assert (counts.waiting, counts.unread, counts.elsewhere) == (2, 1, {})
    counts = redo_pages(database, second, OTHER, MODEL, RedoFilter(page_ids=[4]))
    assert (counts.waiting, counts.unread, counts.elsewhere) == (1, 0, {})
    chosen = RedoFilter(documents=["a*"])
    assert redo_pages(database, first, OTHER, MODEL, chosen).queued == 1
    assert redo_pages(database, first, OTHER, MODEL, RedoFilter(page_ids=[99])).queued == 0


def test_a_page_with_nothing_read_on_it_is_below_any_confidence(database: Database) -> None:
    batch = make_batch(database, pages=2)
    empty = make_result("")
    blank = dataclasses.replace(
        empty, quality=dataclasses.replace(empty.quality, is_blank=True), lines=()
    )
    missed = dataclasses.replace(
        empty, quality=dataclasses.replace(empty.quality, is_blank=False), lines=()
    )
    complete(database, take(database), blank, ENGINE)
    complete(database, take(database), missed, ENGINE)
    assert redo_pages(database, batch, OTHER, MODEL, RedoFilter(below=0.5)).queued == 1
    assert page_row(database, 2)["state"] == PageState.QUEUED


def test_a_document_that_was_redone_is_no_original_for_its_first_options(
    database: Database,
) -> None:
    batch = make_batch(database, make_document("a", sha256="1" * 64))
    finish(database, take(database))
    redo_pages(database, batch, OTHER, MODEL, RedoFilter())
    complete(database, take(database), make_result("by another"), MODEL)
    later = make_batch(database, make_document("b", sha256="1" * 64))
    assert batch_progress(database, later.id).duplicates == 0
    assert take(database).options == OPTIONS


def test_a_cancelled_batch_is_not_read_again(database: Database) -> None:
    batch = make_batch(database, pages=2)
    finish(database, take(database))
    cancel_batch(database, batch.id)
    cancelled = dataclasses.replace(batch, cancelled_at=batch.created_at)
    with pytest.raises(UsageError, match="was cancelled"):
        redo_pages(database, cancelled, OTHER, MODEL, RedoFilter())
    with pytest.raises(UsageError, match="was cancelled"):
        redo_pages(database, batch, OTHER, MODEL, RedoFilter())  # cancelled a moment ago
