"""Listings for people, and trying pages again."""

from __future__ import annotations

from typing import Any

import pytest

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import finish_batches
from store.cancelling import cancel_batch
from store.corrected_line import CorrectionKind
from store.corrections import correct_character, correct_line
from store.database import Database
from store.doubts import doubtful
from store.failures import fail, task_died
from store.progress import batch_progress
from store.queries import failed_pages
from store.retrying import RetryFilter, retry_pages
from tests.queueing import (
    RULES,
    column,
    execute,
    finish,
    make_batch,
    make_document,
    page_row,
    take,
    try_take,
)
from tests.readings import make_result


def test_failed_pages_are_listed_by_key(database: Database) -> None:
    batch = make_batch(database, *(make_document(f"{n}.png") for n in range(3)))
    other = make_batch(database, make_document(b"\xff.pdf", error_code="encrypted"))
    for _ in range(3):
        fail(database, take(database, batch), "unreadable", "no image in it")
    first = failed_pages(database, batch.id, limit=2)
    assert [page.path for page in first] == [b"0.png", b"1.png"]
    rest = failed_pages(database, batch.id, limit=2, after=first[-1].page_id)
    assert [page.path for page in rest] == [b"2.png"]
    everything = failed_pages(database, None)
    assert [page.batch_id for page in everything] == [batch.id] * 3 + [other.id]
    assert (everything[-1].path, everything[-1].error_code) == (b"\xff.pdf", "encrypted")


def test_the_least_certain_characters_come_first_with_their_line(database: Database) -> None:
    batch = make_batch(database, pages=2)
    finish(database, take(database), make_result("abc\ndef", doubts={(0, 1): 0.4, (1, 2): 0.85}))
    finish(database, take(database), make_result("ghi", doubts={(0, 0): 0.2, (0, 2): 0.95}))
    found = doubtful(database, batch.id)
    assert [(d.number, d.line, d.position, d.char, d.text) for d in found] == [
        (2, 0, 0, "g", "ghi"),
        (1, 0, 1, "b", "abc"),
        (1, 1, 2, "f", "def"),
    ]
    assert found[1].alternatives == (("?", 0.6),)
    assert [d.char for d in doubtful(database, batch.id, limit=1)] == ["g"]
    assert [d.char for d in doubtful(database, batch.id, below=0.4)] == ["g"]
    assert len(doubtful(database, batch.id, below=0.96)) == 4


def test_what_was_corrected_is_not_doubtful_any_more(database: Database) -> None:
    batch = make_batch(database, pages=1)
    doubts = {(0, 0): 0.1, (0, 1): 0.2, (0, 2): 0.3, (1, 0): 0.4}
    held = take(database)
    finish(database, held, make_result("abc\nd", doubts=doubts))
    correct_character(database, held.page_id, 0, 1, CorrectionKind.REPLACE, "B", "me")
    correct_character(database, held.page_id, 0, 2, CorrectionKind.INSERT, "x", "me")
    correct_line(database, held.page_id, 1, "e", "me")
    assert [d.char for d in doubtful(database, batch.id)] == ["a", "c"]


def test_the_lowest_pages_hold_the_worst_characters(database: Database) -> None:
    batch = make_batch(database, pages=4)
    for first, second in ((0.5, 0.6), (0.3, 0.7), (0.4, 0.8), (1.0, 1.0)):
        finish(database, take(database), make_result("ab", doubts={(0, 0): first, (0, 1): second}))
    lowest = "SELECT lowest_confidence FROM pages ORDER BY id"
    assert column(database, lowest) == pytest.approx([0.5, 0.3, 0.4, 1.0])
    assert [d.number for d in doubtful(database, batch.id, limit=2)] == [2, 3]
    correct_character(database, 2, 0, 0, CorrectionKind.REPLACE, "A", "me")
    correct_line(database, 3, 0, "AB", "me")
    assert column(database, lowest) == pytest.approx([0.5, 0.7, 1.0, 1.0])
    assert [d.confidence for d in doubtful(database, batch.id)] == pytest.approx([0.5, 0.6, 0.7])
    # as a worker of an older ocrq leaves it, which reads its last page during an upgrade
    execute(database, "UPDATE pages SET lowest_confidence = NULL WHERE id = 1")
    found = doubtful(database, batch.id, limit=1)
    assert [d.number for d in found] == [1]
    assert [d.confidence for d in found] == pytest.approx([0.5])


def test_what_exports_leave_out_of_pictures_is_listed_on_request(database: Database) -> None:
    batch = make_batch(database, pages=120)
    for number in range(120):
        doubts = {(0, 0): 0.5 + number / 1000, (1, 0): number / 1000, (2, 0): number / 1000}
        finish(database, take(database), make_result("a\n\nb\nc", doubts=doubts))
    execute(database, "UPDATE regions SET kind = 'picture_text' WHERE number = 1")
    assert [d.char for d in doubtful(database, batch.id)] == ["a"] * 50
    worst = doubtful(database, batch.id, limit=1)
    assert [(d.number, d.char) for d in worst] == [(1, "a")]
    everything = doubtful(database, batch.id, limit=3, with_picture_text=True)
    assert [(d.number, d.char) for d in everything] == [(1, "b"), (1, "c"), (2, "b")]
    # corrected, a line is in the text, and so are the doubts that are left on it
    correct_character(database, 100, 1, 0, CorrectionKind.INSERT, "x", "me")
    assert [(d.number, d.char) for d in doubtful(database, batch.id, 1)] == [(100, "b")]


def test_a_duplicate_shows_the_doubts_of_its_original_once(database: Database) -> None:
    copies = [make_document(f"{n}.png", sha256="a" * 64) for n in range(2)]
    first = make_batch(database, *copies)
    second = make_batch(database, *copies)
    finish(database, take(database), make_result("ab", doubts={(0, 0): 0.1}))
    for batch in (first, second):
        assert [(d.char, d.path) for d in doubtful(database, batch.id)] == [("a", b"0.png")]


def retry(db: Database, **chosen: Any) -> int:
    return retry_pages(db, RetryFilter(**chosen)).pages


def test_pages_that_were_given_up_are_tried_again_with_all_attempts(database: Database) -> None:
    batch = make_batch(database, pages=3)
    fail(database, take(database), "unreadable", "?")
    fail(database, take(database), "storage", "?")
    for _ in range(2):
        held = take(database, task_id="t")
        task_died(database, "t", "deadline", RULES)
    assert page_row(database, held.page_id)["state"] == "quarantined"
    assert finish_batches(database) == 1
    assert retry(database, batch_id=batch.id, error_codes=["storage"]) == 1
    assert retry(database, batch_id=batch.id, states=[PageState.QUARANTINED]) == 1
    assert retry(database, page_ids=[1]) == 1
    assert retry(database) == 0
    assert [(take(database).number, take(database).attempt)] == [(2, 1)]  # in the order asked for
    progress = batch_progress(database, batch.id)
    assert (progress.failed, progress.quarantined, progress.leased) == (0, 0, 2)
    assert "retry" in column(database, "SELECT kind FROM page_events")


def test_tried_again_they_do_not_go_before_everything(database: Database) -> None:
    old = make_batch(database, pages=1)
    fail(database, take(database), "x", "?")
    huge = make_batch(database, pages=200)
    for _ in range(20):
        finish(database, take(database))
    retry(database, batch_id=old.id)
    new = make_batch(database, pages=10)
    taken = [take(database).batch_id for _ in range(4)]  # a small batch has two to a turn
    assert sorted(taken) == sorted([huge.id, old.id, new.id, new.id])


def test_only_what_was_given_up_is_tried_again(database: Database) -> None:
    batch = make_batch(database, pages=2)
    fail(database, take(database), "x", "?")
    cancel_batch(database, batch.id)
    assert retry(database, batch_id=batch.id) == 0
    with pytest.raises(UsageError):
        retry(database, batch_id=batch.id, states=[PageState.DONE])
    assert try_take(database) is None
