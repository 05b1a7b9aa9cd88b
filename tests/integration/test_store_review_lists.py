"""What reviewers look for, on both databases; how it is shown is in tests/unit/review."""

from __future__ import annotations

import pytest

from ocrq.errors import Outdated, UsageError
from store.batches import Batch
from store.corrected_line import CorrectionKind
from store.corrections import SeenLine, correct_character, correct_line
from store.database import Database
from store.review_lists import (
    list_doubtful_pages,
    list_pages,
    neighbours,
    read_scan,
    settled_characters,
)
from tests.queueing import finish, make_batch, make_document, take
from tests.readings import make_result


@pytest.fixture
def batch(database: Database) -> Batch:
    """Pages 1 and 2 of a.tif with doubts of 0.5 and 0.25, b.tif waits, c.tif links to a.tif."""
    found = make_batch(
        database,
        make_document(b"a.tif", pages=2, sha256="a" * 64),
        make_document(b"b.tif"),
        make_document(b"c.tif", sha256="a" * 64),
    )
    for confidence in (0.5, 0.25):
        finish(database, take(database), make_result("word", doubts={(0, 1): confidence}))
    return found


def test_pages_are_listed_as_they_were_submitted(database: Database, batch: Batch) -> None:
    found = list_pages(database, batch.id)
    assert [(p.path, p.number, p.is_read, p.doubtful) for p in found] == [
        (b"a.tif", 1, True, 1),
        (b"a.tif", 2, True, 1),
        (b"b.tif", 1, False, 0),
        (b"c.tif", 1, True, 1),
        (b"c.tif", 2, True, 1),
    ]
    place = (found[1].document_id, found[1].number)
    assert list_pages(database, batch.id, after=place, limit=2) == found[2:4]


def test_the_most_doubtful_page_comes_first_until_it_is_settled(
    database: Database, batch: Batch
) -> None:
    first, second = list_doubtful_pages(database, batch.id)
    assert [p.number for p in (first, second)] == [2, 1]
    assert first.lowest_confidence is not None
    place = (first.lowest_confidence, first.page_id)
    assert list_doubtful_pages(database, batch.id, after=place) == [second]
    correct_character(database, first.page_id, 0, 1, CorrectionKind.REPLACE, "o", "anna")
    assert [p.page_id for p in list_doubtful_pages(database, batch.id)] == [second.page_id]


def test_neighbours_are_pages_that_were_read(database: Database, batch: Batch) -> None:
    assert neighbours(database, read_scan(database, 1)) == (None, 2)
    assert neighbours(database, read_scan(database, 2)) == (1, None)
    with pytest.raises(UsageError, match="was not read yet"):
        read_scan(database, 3)
    assert batch.id == read_scan(database, 1).batch_id


def test_what_people_settled_is_known_by_line(database: Database, batch: Batch) -> None:
    page = list_pages(database, batch.id)[0].page_id
    reading = correct_character(
        database, page, 0, 2, CorrectionKind.REPLACE, "R", "anna"
    ).reading_id
    correct_character(database, page, 0, 0, CorrectionKind.INSERT, "s", "anna")
    assert settled_characters(database, reading) == {0: {2}}
    correct_line(database, page, 0, "sword", "anna")
    assert settled_characters(database, reading) == {0: None}


def test_only_what_was_seen_is_corrected(database: Database, batch: Batch) -> None:
    page = list_pages(database, batch.id)[0].page_id
    reading = correct_line(database, page, 0, "ward", "anna").reading_id
    with pytest.raises(Outdated, match="it reads 'ward' now"):
        correct_line(
            database, page, 0, "wort", "bo", seen=SeenLine(reading_id=reading, text="word")
        )
    with pytest.raises(Outdated, match="read anew"):
        correct_character(
            database, page, 0, 0, CorrectionKind.DELETE, "", "bo",
            seen=SeenLine(reading_id=reading + 1, text="ward"),
        )  # fmt: skip
    seen = SeenLine(reading_id=reading, text="ward")
    assert correct_line(database, page, 0, "wort", "bo", seen=seen).text == "wort"
