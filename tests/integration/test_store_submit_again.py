"""Files that failed and are submitted again in the same batch; older versions of files."""

from __future__ import annotations

import dataclasses

import pytest

from ocrq.types import PageState
from store.batches import finish_batches, seal_batch
from store.claims import fail
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.intake import (
    IntakeCounts,
    NewPage,
    add_documents,
    known_documents,
)
from store.progress import batch_progress
from store.retrying import retry_pages
from tests.queueing import (
    column,
    finish,
    make_batch,
    make_document,
    page_row,
    rows,
    take,
    try_take,
)

SHA, OTHER = "a" * 64, "b" * 64
BAD = make_document("a.tif", error_code="no_permission")
GOOD = make_document("a.tif", pages=3, sha256=SHA)
NEWER = make_document("a.tif", pages=2, sha256=OTHER, mtime_ns=2)
STATES = "SELECT document_id AS d, number AS n, state, error_code AS code FROM pages ORDER BY d, n"


def test_a_file_that_failed_as_a_whole_is_taken_up_by_the_next_submit(database: Database) -> None:
    batch = make_batch(database, BAD)
    finish_batches(database)
    assert add_documents(database, batch, [GOOD]) == IntakeCounts(documents=1, pages=3)
    assert rows(database, STATES) == [
        {"d": 1, "n": n, "state": "queued", "code": None} for n in (1, 2, 3)
    ]
    found = rows(database, "SELECT page_count, sha256, error_code FROM documents")
    assert found == [{"page_count": 3, "sha256": SHA, "error_code": None}]
    assert add_documents(database, batch, [GOOD]) == IntakeCounts(known=1)
    for _ in range(3):
        assert finish(database, take(database, batch))


def test_a_file_that_fails_again_has_the_reason_of_today_and_no_second_row(
    database: Database,
) -> None:
    batch = make_batch(database, BAD)
    again = make_document("a.tif", error_code="truncated")
    assert add_documents(database, batch, [again]) == IntakeCounts(known=1)
    assert rows(database, STATES) == [{"d": 1, "n": 1, "state": "failed", "code": "truncated"}]
    assert column(database, "SELECT error_code FROM documents") == ["truncated"]
    assert column(database, "SELECT count(*) FROM page_events") == [0]


def test_what_a_retry_has_queued_is_left_to_it(database: Database) -> None:
    batch = make_batch(database, BAD)
    retry_pages(database)
    assert not known_documents(database, batch.id, [b"a.tif"])[b"a.tif"].is_failed
    assert add_documents(database, batch, [GOOD]).documents == 0
    held = take(database)
    assert held.is_unseen


@pytest.mark.parametrize("code", ["vanished", "changed", "no_page", "storage"])
def test_pages_whose_file_is_as_it_was_again_are_queued_again(
    database: Database, code: str
) -> None:
    batch = make_batch(database, GOOD)
    finish(database, take(database, batch))
    fail(database, take(database, batch), code, "it was away")
    fail(database, take(database, batch), "truncated", "its own fault")
    copied_back = dataclasses.replace(GOOD, mtime_ns=9)
    assert known_documents(database, batch.id, [b"a.tif"])[b"a.tif"].is_lost
    assert add_documents(database, batch, [copied_back]) == IntakeCounts(documents=1, pages=1)
    assert rows(database, STATES) == [
        {"d": 1, "n": 1, "state": "done", "code": None},
        {"d": 1, "n": 2, "state": "queued", "code": None},
        {"d": 1, "n": 3, "state": "failed", "code": "truncated"},
    ]
    assert column(database, "SELECT mtime_ns FROM documents") == [9]
    held = take(database, batch)
    assert (held.number, held.attempt, held.mtime_ns) == (2, 1, 9)


def test_what_an_unchanged_file_cannot_help_stays_until_a_retry(database: Database) -> None:
    batch = make_batch(database, make_document("a.tif", sha256=SHA))
    fail(database, take(database, batch), "truncated", "its own fault")
    assert not known_documents(database, batch.id, [b"a.tif"])[b"a.tif"].is_failed
    same = make_document("a.tif", sha256=SHA)
    assert add_documents(database, batch, [same]) == IntakeCounts(known=1)
    assert try_take(database, batch) is None


def test_an_older_version_that_failed_is_no_failure_beside_a_newer_one(database: Database) -> None:
    batch = make_batch(database, GOOD)
    finish(database, take(database, batch))
    fail(database, take(database, batch), "changed", "it was changed")
    assert add_documents(database, batch, [NEWER]) == IntakeCounts(documents=1, pages=2)
    seal_batch(database, batch.id)  # the second page had failed by then
    fail(database, take(database, batch), "changed", "it was changed")  # the third one fails now
    old = [row for row in rows(database, STATES) if row["d"] == 1]
    assert [(row["state"], row["code"]) for row in old] == [
        ("done", None),
        ("cancelled", "replaced"),
        ("cancelled", "replaced"),
    ]
    assert page_row(database, 2)["error"].endswith("before, it ended as changed")
    assert column(database, "SELECT kind FROM page_events") == ["cancel", "cancel"]
    assert column(database, "SELECT count(*) FROM failed_pages") == [0]
    assert retry_pages(database).pages == 0
    for _ in range(2):
        finish(database, take(database, batch))
    progress = batch_progress(database, batch.id)
    assert (progress.lost, progress.replaced, progress.done) == (0, 2, 3)


def test_a_newer_version_that_fails_is_missed(database: Database) -> None:
    batch = make_batch(database, GOOD)
    for _ in range(3):
        fail(database, take(database, batch), "changed", "it was changed")
    add_documents(database, batch, [dataclasses.replace(BAD, mtime_ns=2)])
    seal_batch(database, batch.id)
    progress = batch_progress(database, batch.id)
    assert (progress.failed, progress.replaced, progress.lost) == (1, 3, 1)


def test_a_touched_file_does_not_replace_the_document_that_it_links_to(database: Database) -> None:
    batch = make_batch(database, make_document("a.tif", sha256=SHA))
    touched = make_document("a.tif", sha256=SHA, mtime_ns=2)
    assert add_documents(database, batch, [touched]) == IntakeCounts(duplicates=1)
    fail(database, take(database, batch), "truncated", "its own fault")
    assert page_row(database, 1)["state"] == PageState.FAILED
    revive_orphaned_duplicates(database)  # now the newer one is read itself
    finish(database, take(database, batch))
    seal_batch(database, batch.id)
    assert page_row(database, 1)["error_code"] == "replaced"
    assert batch_progress(database, batch.id).lost == 0


def test_a_file_of_another_batch_or_path_is_no_newer_version(database: Database) -> None:
    batch = make_batch(database, GOOD)
    held = take(database, batch)
    make_batch(database, NEWER)
    add_documents(database, batch, [dataclasses.replace(NEWER, path=b"b.tif")])
    fail(database, held, "changed", "it was changed")
    seal_batch(database, batch.id)
    assert page_row(database, held.page_id)["state"] == PageState.FAILED


def test_a_file_that_is_bad_in_part_when_it_is_taken_up(database: Database) -> None:
    batch = make_batch(database, BAD)
    bad = NewPage(number=2, megapixels=None, error_code="truncated", error="its end is missing")
    found = dataclasses.replace(GOOD, pages=(GOOD.pages[0], bad))
    assert add_documents(database, batch, [found]) == IntakeCounts(documents=1, pages=2, failed=1)
    assert [row["state"] for row in rows(database, STATES)] == ["queued", "failed"]


def test_a_folder_that_can_be_listed_now_is_no_failure_any_more(database: Database) -> None:
    folder = make_document("scans/1901", error_code="unreadable_folder")
    batch = make_batch(
        database, folder, make_document("scans/1902", error_code="unreadable_folder")
    )
    add_documents(database, batch, [make_document("scans/1901/may/a.png", sha256=SHA)])
    assert [row["code"] for row in rows(database, STATES)] == [
        "replaced",
        "unreadable_folder",
        None,
    ]
    assert batch_progress(database, batch.id).lost == 1


@pytest.mark.postgres
def test_pages_that_a_retry_holds_are_not_waited_for(postgres_url: str) -> None:
    """It holds them and then wants the batch, which the submit has."""
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    batch = make_batch(database, BAD)
    with other.write() as conn:
        conn.exec_driver_sql("SELECT id FROM pages FOR UPDATE")
        assert add_documents(database, batch, [GOOD]) == IntakeCounts(known=1)
    assert add_documents(database, batch, [GOOD]).pages == 3
    database.close()
    other.close()
