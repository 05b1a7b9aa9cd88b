"""docs/sql.md names every column, and its recipes run on both databases and find something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from store import result_tables, schema
from store.corrected_line import CorrectionKind
from store.corrections import correct_character, correct_line
from store.database import Database
from store.failures import attempt_failed
from store.schedule_runs import run_now
from tests.queueing import RULES, execute, finish, make_batch, make_document, rows, take
from tests.readings import make_result
from tests.scheduling import make_schedule

DOC = Path(__file__).parents[2] / "docs" / "sql.md"
RECIPE = re.compile(r"^### (\d+)\. (.+?)$|^```sql *(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
assert result_tables.characters.metadata is schema.metadata


def recipes(dialect: str) -> dict[str, str]:
    """Title -> statement, of the recipes for this database."""
    found: dict[str, str] = {}
    title = ""
    for number, heading, only, statement in RECIPE.findall(DOC.read_text(encoding="utf-8")):
        if heading:
            title = f"{number}. {heading}"
        elif only in ("", dialect):
            found[title] = statement
    return found


#: What looks like amounts, what does not, words before them, and a picture with two lines.
RECEIPT = """\
lnvoice 7
Total : (RM): 33.92 40.00
Thanks 05.03.91 1.5L ./.
TOTAL
RM9,05

~
0slo!"""


@pytest.fixture
def worked(database: Database) -> Database:
    """A batch in which everything has happened that the recipes ask for."""
    sha256 = "a" * 64
    make_batch(
        database,
        make_document("1.png", sha256=sha256),
        make_document("copy of 1.png", sha256=sha256),
        make_document("2.png"),
        make_document("3.png"),
        make_document("4.pdf", error_code="encrypted"),
        name="letters",
    )
    doubts = {(0, 0): 0.41, (0, 8): 0.53, (1, 6): 0.62, (5, 0): 0.25, (6, 0): 0.75}
    held = take(database)
    finish(database, held, make_result(RECEIPT, doubts=doubts))
    # as two lines on one row, the gap between them too wide for one
    execute(
        database,
        "UPDATE characters SET x0_px = x0_px + 500, x1_px = x1_px + 500, y0_px = y0_px - 25,"
        " y1_px = y1_px - 25 WHERE line = 4",
    )
    execute(database, "UPDATE regions SET kind = 'picture_text' WHERE number = 1")
    for position, char in ((0, "I"), (8, "1"), (8, "7")):  # the last takes back what was wrong
        correct_character(database, held.page_id, 0, position, CorrectionKind.REPLACE, char, "anna")
    correct_line(database, held.page_id, 2, "Thanks!", "anna")
    # as long as before, and every character in another place
    correct_character(database, held.page_id, 3, 0, CorrectionKind.INSERT, "*", "anna")
    correct_character(database, held.page_id, 3, 4, CorrectionKind.DELETE, "", "anna")
    correct_line(database, held.page_id, 6, "Qslo!", "anna")
    correct_line(database, held.page_id, 6, "Oslo!", "anna")
    execute(database, "UPDATE readings SET flags = 'dpi_too_low'")
    attempt_failed(database, take(database), "error", "?", RULES)
    take(database, owner="host/7")
    run_now(database, make_schedule(database))
    execute(database, "UPDATE schedule_runs SET batch_id = (SELECT min(id) FROM batches)")
    return database


def test_there_are_enough_recipes() -> None:
    assert len(recipes("sqlite")) >= 10
    assert recipes("sqlite").keys() == recipes("postgresql").keys()


def test_every_recipe_finds_something(worked: Database) -> None:
    for title, statement in recipes(worked.dialect).items():
        assert rows(worked, statement), title


def test_recipes_answer_what_they_say(worked: Database) -> None:
    answers = {
        int(title.partition(".")[0]): rows(worked, statement)
        for title, statement in recipes(worked.dialect).items()
    }
    assert answers[1] == [
        {"batch": "letters", "pages": 4, "done": 1, "given_up": 1, "cancelled": 0, "to_do": 2}
    ]
    assert all("~" in row["text"] for row in answers[2] if row["text"]), "pictures, too"
    assert [row["path"] for row in answers[3]] == ["1.png", "copy of 1.png"]
    # the least certain that is left, of both documents; not what stands in the picture
    assert [row["char"] for row in answers[4]] == [":", ":"]
    assert [row["word"] for row in answers[8]] == ["33.92", "40.00", "RM9,05"] * 2
    assert [row["total"] for row in answers[9]] == ["33.92", "RM9,05"] * 2
    assert answers[10] == [
        {"read_as": "0", "really": "O", "times": 1},
        {"read_as": "l", "really": "I", "times": 1},
    ]
    assert [row["corrected_text"] for row in answers[11]] == [
        *("Invoice 7", "Thanks!", "*TOTA", "Oslo!")
    ]
    settled = [(float(row["confidence"]), row["checked"], row["wrong"]) for row in answers[12]]
    assert settled == [(0.4, 1, 1), (0.5, 1, 0), (1.0, 1, 1)]
    assert answers[13] == [{"copy": "copy of 1.png", "original": "1.png"}]
    # of what nobody corrected: the colon, and what stands in the picture
    assert answers[6][0]["expected_errors"] == pytest.approx(0.38 + 0.75, abs=1e-4)


def test_every_table_view_and_column_is_explained(database: Database) -> None:
    sections = _sections()
    found = inspect(database.engine)
    tables = {t for t in found.get_table_names() if not t.startswith("characters_p")}
    assert sections.keys() == tables | set(found.get_view_names())
    for name, explained in sections.items():
        columns = {column["name"] for column in found.get_columns(name)}
        assert not columns - explained, f"{name}: not explained"


def _sections() -> dict[str, set[str]]:
    """Table or view -> all that is set in code type below its heading."""
    before_recipes = DOC.read_text(encoding="utf-8").partition("## Recipes")[0]
    parts = re.split(r"^### `(\w+)`\n", before_recipes, flags=re.MULTILINE)
    return {
        name: set(re.findall(r"`(\w+)`", body))
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }
