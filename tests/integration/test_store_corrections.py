"""Corrections are added beside the machine's reading, never over it."""

from __future__ import annotations

import pytest

from ocrq.errors import UsageError
from store.corrected_line import CorrectionKind
from store.corrections import correct_character, correct_line
from store.database import Database
from store.readings import load_reading
from tests.queueing import column, finish, make_batch, rows, take

REPLACE, INSERT, DELETE = CorrectionKind.REPLACE, CorrectionKind.INSERT, CorrectionKind.DELETE


@pytest.fixture
def page_id(database: Database) -> int:
    """A page with two lines; a second page of its document is not read yet."""
    make_batch(database, pages=2)
    held = take(database)
    finish(database, held, "Hcllo world\nsecond")
    return held.page_id


def test_a_line_is_corrected_and_the_reading_stays(database: Database, page_id: int) -> None:
    done = correct_line(database, page_id, 0, "Hello, world", "anna", mode="review", seconds=2.5)
    assert (done.before, done.text) == ("Hcllo world", "Hello, world")
    stored = load_reading(database, page_id)
    assert stored is not None
    assert stored.result.lines[0].text == "Hcllo world"
    assert stored.corrected == {0: "Hello, world"}
    assert column(database, "SELECT text FROM page_text") == ["Hello, world\nsecond"]
    assert rows(
        database,
        'SELECT line, position, kind, "before", "after", reviewer, mode, seconds FROM corrections',
    ) == [
        {
            "line": 0,
            "position": None,
            "kind": "line",
            "before": "Hcllo world",
            "after": "Hello, world",
            "reviewer": "anna",
            "mode": "review",
            "seconds": 2.5,
        }
    ]


def test_characters_are_named_by_where_the_machine_read_them(
    database: Database, page_id: int
) -> None:
    texts = [
        correct_character(database, page_id, 0, position, kind, char, "anna").text
        for position, kind, char in [
            (0, INSERT, "*"),
            (1, REPLACE, "e"),
            (10, DELETE, ""),
            (11, INSERT, "D"),
            (1, REPLACE, "a"),
        ]
    ]
    assert texts == [
        "*Hcllo world",
        "*Hello world",
        "*Hello worl",
        "*Hello worlD",
        "*Hallo worlD",
    ]
    assert column(database, 'SELECT "before" FROM corrections ORDER BY id') == [
        *("", "c", "d", "", "e")
    ]


def test_what_changes_nothing_is_not_stored(database: Database, page_id: int) -> None:
    same = correct_line(database, page_id, 0, "Hcllo world", "anna")
    assert (same.text, same.is_stored) == ("Hcllo world", False)
    correct_line(database, page_id, 0, "Hello world", "anna")
    assert not correct_line(database, page_id, 0, "Hello world", "bob").is_stored
    assert not correct_character(database, page_id, 0, 1, REPLACE, "e", "bob").is_stored
    assert column(database, 'SELECT "after" FROM corrections') == ["Hello world"]
    assert column(database, "SELECT corrected_text FROM lines ORDER BY number") == [
        *("Hello world", None)
    ]


def test_a_character_is_confirmed_once(database: Database, page_id: int) -> None:
    correct_character(database, page_id, 0, 2, INSERT, "-", "anna")
    stored = [
        correct_character(database, page_id, 0, position, REPLACE, char, "anna").is_stored
        for position, char in ((2, "l"), (2, "l"), (3, "l"))
    ]
    assert stored == [True, False, True]


def test_a_character_that_was_taken_out_is_named_with_the_line(
    database: Database, page_id: int
) -> None:
    correct_line(database, page_id, 0, "Hllo world", "anna")
    with pytest.raises(UsageError, match="'Hllo world' now"):
        correct_character(database, page_id, 0, 1, REPLACE, "e", "anna")


def test_a_character_that_was_deleted_by_mistake_comes_back(
    database: Database, page_id: int
) -> None:
    correct_character(database, page_id, 0, 0, DELETE, "", "anna")
    assert not correct_character(database, page_id, 0, 0, DELETE, "", "bob").is_stored
    correct_character(database, page_id, 0, 1, DELETE, "", "anna")
    assert correct_character(database, page_id, 0, 1, REPLACE, "e", "anna").text == "ello world"
    assert correct_character(database, page_id, 0, 0, INSERT, "*", "anna").text == "*ello world"
    assert correct_character(database, page_id, 0, 0, REPLACE, "H", "anna").text == "*Hello world"
    assert correct_line(database, page_id, 0, "Hallo", "anna").text == "Hallo"


@pytest.mark.parametrize(
    ("line", "position", "kind", "char", "says"),
    [
        (2, 0, REPLACE, "x", r"has the lines 0\.\.1, not 2"),
        (0, 11, REPLACE, "x", r"the characters 0\.\.10 \('Hcllo world'\), not 11"),
        (0, -1, REPLACE, "x", "not -1"),
        (0, 12, INSERT, "x", "not 12"),
        (0, 0, REPLACE, "xy", "one character"),
        (0, 0, REPLACE, "", "one character"),
        (0, 0, DELETE, "x", "no character"),
        (0, 0, REPLACE, "\n", "cannot stand"),
        (0, 0, CorrectionKind.LINE, "x", "by its text"),
    ],
)
def test_what_cannot_be_says_what_there_is(
    database: Database,
    page_id: int,
    line: int,
    position: int,
    kind: CorrectionKind,
    char: str,
    says: str,
) -> None:
    with pytest.raises(UsageError, match=says):
        correct_character(database, page_id, line, position, kind, char, "anna")
    assert column(database, "SELECT count(*) FROM corrections") == [0]


def test_pages_without_a_reading_cannot_be_corrected(database: Database, page_id: int) -> None:
    with pytest.raises(UsageError, match="not read yet: it is queued"):
        correct_line(database, page_id + 1, 0, "x", "anna")
    with pytest.raises(UsageError, match="no page with the id 99"):
        correct_line(database, 99, 0, "x", "anna")
    with pytest.raises(UsageError, match="cannot stand"):
        correct_line(database, page_id, 0, "a\x00b", "anna")


def test_text_is_composed_and_may_be_empty(database: Database, page_id: int) -> None:
    assert correct_line(database, page_id, 0, "u\u0308ber", "anna").text == "über"
    assert correct_line(database, page_id, 1, "", "anna").text == ""
    assert column(database, "SELECT text FROM page_text") == ["über\n"]
