"""Files that failed as a whole and are looked into again."""

from __future__ import annotations

from store.batches import finish_batches
from store.cancelling import cancel_batch
from store.claims import Claim, allow
from store.database import Database
from store.intake import NewDocument, NewPage
from store.renewing import renew_claimed
from store.retrying import retry_pages
from tests.queueing import (
    column,
    finish,
    make_batch,
    make_document,
    numbers_of,
    page_row,
    rows,
    take,
    try_take,
)

SHA = "a" * 64
BAD = make_document("a.tif", error_code="no_permission")
GOOD = make_document("a.tif", pages=3, sha256=SHA, mtime_ns=7)
STATES = "SELECT number, state, error_code AS code FROM pages ORDER BY number"


def _claimed(database: Database) -> Claim:
    """The one page of a file that failed, claimed after a retry."""
    make_batch(database, BAD)
    finish_batches(database)
    retry_pages(database)
    held = take(database)
    assert held.is_unseen
    return held


def test_a_file_that_can_be_read_now_gets_its_pages(database: Database) -> None:
    held = _claimed(database)
    assert renew_claimed(database, held, GOOD)
    assert rows(database, STATES) == [
        {"number": n, "state": "queued", "code": None} for n in (1, 2, 3)
    ]
    found = rows(database, "SELECT * FROM documents")[0]
    assert (found["page_count"], found["error_code"], found["error"]) == (3, None, None)
    assert (found["sha256"], found["mtime_ns"], found["media_type"]) == (SHA, 7, "image/png")
    assert page_row(database, held.page_id)["megapixels"] == 2.0
    assert column(database, "SELECT detail FROM page_events WHERE kind = 'retry'") == [
        "asked for",
        "its file was looked into again",
    ]
    again = [take(database) for _ in range(3)]
    assert numbers_of(again) == [(1, 1), (1, 2), (1, 3)]
    assert [(claim.is_unseen, claim.attempt) for claim in again] == [(False, 1)] * 3
    assert all(finish(database, claim) for claim in again)
    assert finish_batches(database) == 1


def test_pages_of_it_that_are_bad_fail_alone(database: Database) -> None:
    held = _claimed(database)
    found = NewDocument(
        path=b"a.tif",
        size_bytes=1,
        mtime_ns=1,
        media_type="image/tiff",
        sha256=SHA,
        pages=(
            NewPage(number=1, megapixels=0.0, error_code="truncated", error="its end is missing"),
            NewPage(number=2, megapixels=1.0),
        ),
    )
    assert renew_claimed(database, held, found)
    assert rows(database, STATES) == [
        {"number": 1, "state": "failed", "code": "truncated"},
        {"number": 2, "state": "queued", "code": None},
    ]
    assert numbers_of([take(database)]) == [(1, 2)]


def test_a_file_that_fails_again_has_the_reason_of_today(database: Database) -> None:
    held = _claimed(database)
    assert renew_claimed(database, held, make_document("a.tif", error_code="truncated"))
    assert rows(database, STATES) == [{"number": 1, "state": "failed", "code": "truncated"}]
    assert column(database, "SELECT error_code FROM documents") == ["truncated"]
    retry_pages(database)
    assert take(database).is_unseen


def test_a_claim_that_was_taken_away_renews_nothing(database: Database) -> None:
    held = _claimed(database)
    cancel_batch(database, held.batch_id)
    assert not renew_claimed(database, held, GOOD)
    assert not allow(database, held, 60.0)
    assert rows(database, STATES) == [{"number": 1, "state": "cancelled", "code": "cancelled"}]
    assert column(database, "SELECT error_code FROM documents") == ["no_permission"]
    assert try_take(database) is None


def test_looking_into_a_large_file_has_the_time_that_it_takes(database: Database) -> None:
    held = _claimed(database)
    before = page_row(database, held.page_id)["deadline_at"]
    assert allow(database, held, 3600.0)
    assert page_row(database, held.page_id)["deadline_at"] > before
