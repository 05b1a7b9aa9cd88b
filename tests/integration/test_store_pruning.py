"""Pruning: what goes, what never goes, and what becomes of links."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Connection

from ocrq.errors import UsageError
from store import intake, pruning, pruning_batches
from store.batches import finish_batches
from store.cancelling import cancel_batch
from store.corrections import correct_line
from store.database import Database
from store.intake import add_documents
from store.partitions import SPAN_READINGS, drop_empty_partitions, ensure_partitions
from store.progress import list_batches
from store.pruning import PruneCounts, old_batches, prune_readings
from store.pruning_batches import plan_pruning, prune_batch
from store.readings import iter_documents, load_reading
from store.redoing import RedoFilter, redo_pages
from store.results import complete
from tests.queueing import (
    OPTIONS,
    column,
    execute,
    finish,
    make_batch,
    make_document,
    take,
    try_take,
)
from tests.readings import ENGINE, make_result

EVER = datetime(1, 1, 2, tzinfo=UTC)  # nothing is older
OTHER = dataclasses.replace(OPTIONS, clean=False)
_EVERY_TABLE = ("pages", "documents", "readings", "lines", "regions", "characters", "corrections")


def later(db: Database) -> datetime:
    """A moment after all that has happened."""
    with db.read() as conn:
        return db.now(conn) + timedelta(seconds=1)


def read_again(db: Database, text: str = "second") -> None:
    """Every page of every batch gets a second reading."""
    for progress in list_batches(db):
        redo_pages(db, progress.batch, OTHER, ENGINE, RedoFilter(also_reviewed=True))
    while held := try_take(db):
        assert complete(db, held, make_result(text), ENGINE)


def test_readings_that_are_not_current_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_CHARACTERS_AT_ONCE", 12)
    make_batch(database, pages=5)
    for _ in range(5):
        finish(database, take(database), "first")
    before_the_second = later(database)
    assert prune_readings(database, before_the_second).readings == 0, "all are current"
    read_again(database)
    planned = plan_pruning(database, later(database), also_reviewed=False)
    assert (planned.readings, planned.characters) == (5, 25)
    assert column(database, "SELECT count(*) FROM readings") == [10], "a dry run deletes nothing"
    steps: list[int] = []
    counts = prune_readings(
        database, later(database), on_progress=lambda c: steps.append(c.readings)
    )
    assert (counts.readings, counts.characters) == (5, 25)
    assert steps == [3, 5], "in small transactions"
    assert column(database, "SELECT text FROM page_text") == ["second"] * 5
    assert column(database, "SELECT count(*) FROM characters") == [30]
    assert column(database, "SELECT count(*) FROM lines") == [5]
    assert prune_readings(database, later(database)).readings == 0


def test_a_corrected_reading_goes_only_when_told_so(database: Database) -> None:
    make_batch(database, pages=2)
    for _ in range(2):
        finish(database, take(database), "first")
    correct_line(database, 1, 0, "corrected", "ann", mode="test")
    read_again(database)
    counts = prune_readings(database, later(database))
    assert (counts.readings, counts.kept_reviewed) == (1, 1)
    assert column(database, "SELECT count(*) FROM corrections") == [1]
    counts = prune_readings(database, later(database), also_reviewed=True)
    assert (counts.readings, counts.corrections, counts.kept_reviewed) == (1, 1, 0)
    assert column(database, "SELECT count(*) FROM readings") == [2]


def test_only_what_is_older_goes(database: Database) -> None:
    make_batch(database, pages=1)
    finish(database, take(database), "first")
    read_again(database)
    with database.read() as conn:
        an_hour_ago = database.now(conn) - timedelta(hours=1)
    assert prune_readings(database, an_hour_ago).readings == 0
    assert old_batches(database, an_hour_ago, also_reviewed=True) == ([], [])


def test_a_finished_batch_goes_with_all_that_hangs_on_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning_batches, "_PAGES_AT_ONCE", 2)
    monkeypatch.setattr(pruning_batches, "_DOCUMENTS_AT_ONCE", 2)
    documents = [make_document(f"{n}", pages=2, sha256=str(n % 2) * 64) for n in range(4)]
    old = make_batch(database, *documents, name="old")
    stopped = make_batch(database, pages=3, name="stopped")
    open_one = make_batch(database, pages=1, name="open")
    while held := try_take(database, old):
        finish(database, held)
    correct_line(database, 1, 0, "corrected", "ann", mode="test")
    cancel_batch(database, stopped.id)
    finish_batches(database)
    when = later(database)
    assert old_batches(database, when, also_reviewed=False) == ([(stopped.id, "stopped")], ["old"])
    doomed, _ = old_batches(database, when, also_reviewed=True)
    assert [name for _, name in doomed] == ["old", "stopped"]
    planned = [plan_pruning(database, EVER, [id_], also_reviewed=True) for id_, _ in doomed]
    deleted = [prune_batch(database, batch_id) for batch_id, _ in doomed]
    assert [plan.corrections for plan in planned] == [1, 0]
    for plan, done in zip(planned, deleted, strict=True):
        assert (plan.documents, plan.pages, plan.readings, plan.characters) == (
            *(done.documents, done.pages, done.readings, done.characters),
        )
    assert column(database, "SELECT name FROM batches") == [open_one.name]
    counts = [column(database, f"SELECT count(*) FROM {name}")[0] for name in _EVERY_TABLE]
    assert counts == [1, 1, 0, 0, 0, 0, 0]
    assert column(database, "SELECT count(*) FROM page_events") == [0]


def test_a_document_that_another_batch_links_to_goes_over_with_its_reading(
    database: Database,
) -> None:
    same = "5" * 64
    old = make_batch(database, make_document("original", pages=2, sha256=same), name="old")
    for _ in range(2):
        finish(database, take(database), "kept")
    correct_line(database, 1, 0, "corrected", "ann", mode="test")
    links = [make_batch(database, make_document("copy", pages=2, sha256=same)) for _ in range(2)]
    finish_batches(database)
    planned = plan_pruning(database, EVER, [old.id], also_reviewed=True)
    assert (planned.inherited, planned.readings, planned.pages) == (1, 0, 0)
    assert prune_batch(database, old.id).inherited == 1
    (heir,), (link,) = (list(iter_documents(database, batch.id)) for batch in links)
    assert (heir.duplicate_of, link.duplicate_of) == (None, heir.id)
    assert [page.state for page in link.pages] == ["done", "done"]
    reading = load_reading(database, heir.pages[0].page_id)
    assert reading is not None
    assert reading.corrected == {0: "corrected"}
    assert column(database, "SELECT count(*) FROM document_text WHERE text <> ''") == [2]
    assert try_take(database) is None, "nothing has to be read again"


def test_an_intake_that_links_while_its_original_is_pruned_loses_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = "5" * 64
    old = make_batch(database, make_document("original", sha256=same), name="old")
    finish(database, take(database), "kept")
    finish_batches(database)
    pruned: list[PruneCounts] = []
    pruner = Thread(target=lambda: pruned.append(prune_batch(database, old.id)))
    link = intake._link

    def link_late(conn: Connection, links: Mapping[int, int]) -> None:
        pruner.start()  # the original is found, the link to it is not there yet
        pruner.join(0.5)
        assert not pruned, "it waits for the intake"
        link(conn, links)

    monkeypatch.setattr(intake, "_link", link_late)
    batch = make_batch(database, make_document("copy", sha256=same))
    pruner.join(30.0)
    assert [counts.inherited for counts in pruned] == [1]
    (heir,) = iter_documents(database, batch.id)
    assert (heir.duplicate_of, [page.state for page in heir.pages]) == (None, ["done"])
    assert column(database, "SELECT text FROM page_text") == ["kept"]


def test_what_is_planned_is_what_goes(database: Database) -> None:
    shared, passed_on = "5" * 64, "6" * 64
    first = make_batch(
        database,
        make_document("shared", pages=2, sha256=shared),
        make_document("passed on", sha256=passed_on),
        pages=3,
    )
    while held := try_take(database):
        finish(database, held, "first")
    second = make_batch(
        database,
        make_document("shared too", pages=2, sha256=shared),
        make_document("passed on too", sha256=passed_on),
    )
    stays = make_batch(database, make_document("heir", sha256=passed_on), pages=1)
    redo_pages(database, first, OTHER, ENGINE, RedoFilter())
    while held := try_take(database, first):
        assert complete(database, held, make_result("second"), ENGINE)
    finish_batches(database)
    doomed = [first.id, second.id]
    planned = plan_pruning(database, later(database), doomed, also_reviewed=False)
    counts = prune_readings(database, later(database))
    for batch_id in doomed:
        counts.add(prune_batch(database, batch_id, doomed=doomed))
    assert counts == planned
    assert (planned.readings, planned.pages, planned.documents) == (6 + 5, 5, 5)
    assert planned.inherited == 1, "what goes over to a batch that goes too is not kept"
    assert column(database, "SELECT name FROM batches") == [stays.name]
    assert column(database, "SELECT text FROM page_text") == ["second"]


def test_a_batch_that_is_at_work_again_is_not_deleted(database: Database) -> None:
    batch = make_batch(database, pages=1)
    finish(database, take(database))
    finish_batches(database)
    redo_pages(database, batch, OTHER, ENGINE, RedoFilter())
    assert old_batches(database, later(database), also_reviewed=True) == ([], [])
    assert prune_batch(database, batch.id).pages == 0
    assert take(database).page_id == 1


def test_partitions_without_readings_are_dropped_but_never_near_the_newest(
    database: Database,
) -> None:
    make_batch(database, pages=2)
    finish(database, take(database), "first")
    if database.dialect != "postgresql":
        assert drop_empty_partitions(database) == 0
        return
    newest = 3 * SPAN_READINGS + 10
    execute(database, f"SELECT setval('readings_id_seq', {newest})")
    ensure_partitions(database)
    finish(database, take(database), "second")
    names = "SELECT relname FROM pg_class WHERE relname LIKE 'characters_p_' ORDER BY 1"
    assert column(database, names) == [f"characters_p{n}" for n in range(7)]
    assert drop_empty_partitions(database) == 1, "the first holds a reading, the third is near"
    read_again(database)
    assert prune_readings(database, later(database)).readings == 2
    assert drop_empty_partitions(database) == 1
    assert column(database, names) == [f"characters_p{n}" for n in range(2, 7)]
    assert ensure_partitions(database) == 0
    assert column(database, "SELECT text FROM page_text") == ["second"] * 2


def test_a_link_to_what_was_never_read_is_read_when_its_original_is_pruned(
    database: Database,
) -> None:
    same = "6" * 64
    old = make_batch(database, make_document("original", sha256=same), name="old")
    batch = make_batch(database, make_document("copy", sha256=same))
    cancel_batch(database, old.id)
    prune_batch(database, old.id)
    assert column(database, "SELECT state FROM pages") == ["queued"]
    assert take(database, batch).path == b"copy"


def test_a_submit_that_slept_until_its_batch_was_deleted_says_so(database: Database) -> None:
    batch = make_batch(database, make_document("a.png"))
    cancel_batch(database, batch.id)
    assert prune_batch(database, batch.id).batches == 1
    with pytest.raises(UsageError, match="was deleted"):
        add_documents(database, batch, [make_document("b.png")])
