"""The commands that run the queue: what they say, and what a mistake leaves untouched."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ocrq.error_codes import ERROR_CODES
from store.cancelling import cancel_batch
from store.corrections import correct_line
from store.database import Database
from store.failures import fail
from store.ringing import WorkerInfo, note_worker
from tests.cli_runner import Ocrq, make_ocrq
from tests.queueing import column, execute, finish, make_batch, make_document, take, try_take
from tests.readings import make_result

_DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def db(sqlite_url: str) -> Database:
    return Database.open(sqlite_url)


@pytest.fixture
def ocrq(sqlite_url: str, tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path, OCRQ_DATABASE_URL=sqlite_url)


def test_pause_and_resume_a_batch_and_everything(db: Database, ocrq: Ocrq) -> None:
    batch = make_batch(db, pages=2, name="letters")
    assert "letters: paused" in ocrq("pause", "letters").output
    assert "paused already" in ocrq("pause", str(batch.id)).output
    assert "(since " in ocrq("status", "letters").output
    assert ocrq("pause", "--all").exit_code == 0
    found = ocrq("resume", "letters")
    assert "letters: goes on" in found.output
    assert "ocrq resume --all" in found.stderr
    assert "everything, since" in ocrq("status", "letters").output
    assert re.search(r"\nEverything is paused since .*: ocrq resume --all", ocrq("status").stdout)
    assert json.loads(ocrq("status", "letters", "--json").stdout)["everything_is_paused"]
    ocrq("pause", "letters")
    told = json.loads(ocrq("resume", "--all", "--json").stdout)
    assert told == {
        "batch": None,
        "changed": True,
        "everything_is_paused": False,
        "still_paused": ["letters"],
    }
    assert "was not paused" in ocrq("resume", "--all").output
    assert "Everything is paused" not in ocrq("status").stdout


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_pause_and_resume_want_one_thing(db: Database, ocrq: Ocrq, command: str) -> None:
    make_batch(db, pages=1, name="letters")
    for words in ((), ("letters", "--all")):
        assert ocrq(command, *words).exit_code == 2
    assert "letters" in ocrq(command, "lettres").stderr
    assert column(db, "SELECT count(*) FROM holds") == [0]
    assert column(db, "SELECT paused_at FROM batches") == [None]


def test_priority(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=1, name="letters")
    assert "priority 8, was 5" in ocrq("priority", "letters", "8").output
    assert "already" in ocrq("priority", "letters", "8").output
    assert json.loads(ocrq("priority", "letters", "2", "--json").stdout)["before"] == 8
    assert ocrq("priority", "letters", "10").exit_code == 2
    assert ocrq("priority", "letters", "high").exit_code == 2
    assert column(db, "SELECT priority FROM batches") == [2]


@pytest.fixture
def failed(db: Database) -> None:
    make_batch(
        db, make_document("scans/1901/a.tif", pages=2), make_document("scans/b.png"), name="letters"
    )
    for code in ("deadline", "storage", "custom"):
        fail(db, take(db), code, "?")


def test_an_engine_of_a_batch_without_failures_is_no_typo(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=1, name="letters")
    found = ocrq("retry", "letters", "--engine", "auto")
    assert (found.exit_code, "0 pages" in found.output) == (0, True)
    assert "'aut' in these batches; did you mean auto?" in (
        ocrq("retry", "letters", "--engine", "aut").stderr
    )


@pytest.mark.parametrize(
    "words",
    [
        ("redo", "letters", "--below", "nan"),
        ("redo", "letters", "--below", "0,9"),
        ("doubtful", "letters", "--below", "nan"),
        ("status", "--watch", "--interval", "nan"),
    ],
)
def test_what_is_no_number_is_said_to_be_none(
    db: Database, ocrq: Ocrq, words: tuple[str, ...]
) -> None:
    make_batch(db, pages=1, name="letters")
    found = ocrq(*words)
    assert (found.exit_code, "is not a number" in found.stderr) == (2, True)


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(
    ("words", "queued"),
    [
        (["letters"], 3),
        (["letters", "--error-code", "deadline"], 1),
        (["letters", "--code", "deadline", "--error-code", "custom"], 2),
        (["letters", "--error-code", "memory"], 0),
        (["--all", "--state", "quarantined"], 0),
        (["--all", "--engine", "auto"], 3),
        (["letters", "--document", "*.tif"], 2),
        (["letters", "--document", "*/1901/*", "--error-code", "storage"], 1),
        (["letters", "--older-than", "1h"], 0),
        (["letters", "--older-than", "0s"], 3),
        (["--page", "2"], 1),
        (["letters", "--page", "2", "--state", "quarantined"], 0),
    ],
)
def test_retry_by_filters(db: Database, ocrq: Ocrq, words: list[str], queued: int) -> None:
    found = ocrq("retry", *words, "--dry-run", "--json")
    assert json.loads(found.stdout)["queued"] == queued, found.output
    assert found.exit_code == 0, "a filter that fits nothing just now is no mistake"
    assert try_take(db) is None, "a dry run changes nothing"
    assert json.loads(ocrq("retry", *words, "--json").stdout)["queued"] == queued
    assert column(db, "SELECT count(*) FROM pages WHERE state = 'queued'") == [queued]


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["letters", "--error-code", "dedline"], "deadline"),
        (["letters", "--error-code", "costum"], "custom"),
        (["letters", "--engine", "aut"], "auto"),
        (["letters", "--document", "c.png"], "b.png"),
        (["letters", "--page", "99"], "no page with the id 99"),
        (["--page", "99"], "no page with the id 99"),
        (["lettres"], "letters"),
        (["letters", "--all"], "name a BATCH"),
        ([], "name a BATCH"),
    ],
)
def test_a_filter_with_a_typo_names_the_nearest_and_changes_nothing(
    db: Database, ocrq: Ocrq, words: list[str], said: str
) -> None:
    found = ocrq("retry", *words)
    assert said in found.stderr
    assert found.exit_code == 2
    assert try_take(db) is None


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(
    "words", [["--stat", "failed"], ["--state", "faild"], ["--older-than", "2 fortnights"]]
)
def test_options_with_a_typo_are_refused(db: Database, ocrq: Ocrq, words: list[str]) -> None:
    assert ocrq("retry", "letters", *words).exit_code == 2
    assert try_take(db) is None


def test_retry_of_a_cancelled_batch_is_refused(db: Database, ocrq: Ocrq) -> None:
    batch = make_batch(db, pages=2, name="letters")
    fail(db, take(db), "storage", "?")
    cancel_batch(db, batch.id)
    assert "was cancelled" in ocrq("retry", "letters").stderr
    assert "was cancelled" in ocrq("redo", "letters", "--all").stderr


def test_every_error_code_of_the_documents_is_known() -> None:
    documented = set()
    for name in ("errors.md", "page-errors.md"):
        text = (_DOCS / name).read_text("utf-8")
        documented |= set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert documented == ERROR_CODES


def test_redo_says_what_it_queues_and_what_it_keeps(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=3, name="letters")
    for _ in range(2):
        finish(db, take(db), "text")
    fail(db, take(db), "storage", "?")
    correct_line(db, 1, 0, "corrected", "ann", mode="test")
    words = ("redo", "letters", "--all", "--engine", "tests.engines.fake:make_engine")
    found = ocrq(*words, "--dry-run")
    assert "1 page would be read again" in found.stdout
    assert "people corrected" in found.stderr
    assert "without a reading: ocrq retry letters" in found.stderr
    assert try_take(db) is None
    told = json.loads(ocrq(*words, "--no-clean", "--json").stdout)
    assert (told["queued"], told["reviewed"], told["unread"]) == (1, 1, 1)
    assert told["options"]["clean"] is False
    assert "1 have a reading and get another" in ocrq("status", "letters").output
    assert take(db).options.engine == "tests.engines.fake:make_engine"


def test_redo_says_of_what_a_chosen_duplicate_is_one(db: Database, ocrq: Ocrq) -> None:
    equal = [make_document(path, sha256="1" * 64) for path in ("a[1].jpg", "dup.jpg")]
    make_batch(db, *equal, name="letters")
    finish(db, take(db), "text")
    found = ocrq("redo", "letters", "--document", "dup.jpg", "--no-clean")
    assert "0 pages queued" in found.stdout
    assert "1 duplicate of a[1].jpg" in found.stderr
    assert "ocrq redo letters --document 'a[[]1].jpg'" in found.stderr
    again = ocrq("redo", "letters", "--document", "a[[]1].jpg", "--no-clean", "--json")
    told = json.loads(again.stdout)
    assert (told["queued"], told["within"]) == (1, {})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["letters"], "say which pages"),
        (["letters", "--all", "--engine", "crn"], "no engine 'crn'"),
        (["letters", "--document", "zzz*"], "no document fits"),
        (["letters", "--page", "77"], "no page"),
        (["letters", "--all", "--dpi", "3"], "dpi"),
        (["lettres", "--all"], "letters"),
    ],
)
def test_a_redo_with_a_mistake_changes_nothing(
    db: Database, ocrq: Ocrq, words: list[str], said: str
) -> None:
    make_batch(db, pages=1, name="letters")
    finish(db, take(db), "text")
    found = ocrq("redo", *words)
    assert said in found.stderr
    assert found.exit_code == 2
    assert column(db, "SELECT count(*) FROM redos") == [0]
    assert ocrq("redo", "letters", "--below", "1.5").exit_code == 2


def test_a_page_with_its_readings_and_events(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=1, name="letters")
    finish(db, take(db), "text")
    ocrq("redo", "letters", "--page", "1", "--no-clean")
    finish(db, take(db, owner="host:1/77"), "text")
    make_batch(db, pages=1, name="later")
    found = ocrq("page", "1", "--events").output
    for word in ("letters", "(current)", "redo", "page id 1"):
        assert word in found
    told = json.loads(ocrq("page", "1", "--json").stdout)
    assert [r["options"]["clean"] for r in told["readings"]] == [True, False]
    assert told["options"]["clean"] is False
    assert [(r["is_current"], r["worker"]) for r in told["readings"]] == [
        (False, "host"),
        (True, "host:1"),
    ]
    assert "id 9" in ocrq("page", "9").stderr
    ocrq("pause", "--all")
    assert "everything is paused" in ocrq("page", "2").output
    ocrq("pause", "later")
    assert "its batch is paused" in ocrq("page", "2").output


def test_a_page_says_that_its_scan_is_poor(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=1)
    good = make_result("text")
    poor = replace(good.quality, x_height_px=6.2, flags=("dpi_too_low",))
    finish(db, take(db), replace(good, quality=poor))
    assert "quality    dpi too low: x-height 6 px" in ocrq("page", "1").output
    (reading,) = json.loads(ocrq("page", "1", "--json").stdout)["readings"]
    assert reading["quality"]["flags"] == ["dpi_too_low"]


def worker(db: Database, owner: str, host: str) -> None:
    info = WorkerInfo(owner=owner, host=host, pid=7, version="1.2.3", device="cpu", concurrency=2)
    note_worker(db, info)


def test_workers_and_what_they_read(db: Database, ocrq: Ocrq) -> None:
    assert "No worker" in ocrq("workers").output
    make_batch(db, make_document("scans/a.tif", pages=2), name="letters")
    worker(db, "one:1", "one")
    worker(db, "two:1", "two")
    execute(db, "UPDATE workers SET seen_at = '2020-01-01 00:00:00.000000Z' WHERE host = 'two'")
    finish(db, take(db, owner="one:1/41"), "text")
    take(db, owner="one:1/42")
    found = ocrq("workers").output
    for word in ("one:1", "reading", "1 of 2", "silent", "a.tif page 2", "process 42", "1.2.3"):
        assert word in found
    first, second = json.loads(ocrq("workers", "--json").stdout)
    assert first["pages"][0]["path"] == "scans/a.tif"
    assert first["pages_per_minute"] > 0
    assert (second["silent"], second["pages"]) == (True, [])


def test_a_drained_worker_claims_nothing_until_it_is_undone(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=4)
    worker(db, "one:1", "one")
    worker(db, "one:2", "one")
    held = take(db, owner="one:1/42")
    found = ocrq("drain", "one:1")
    assert "one:1: takes no more pages" in found.output
    assert "1 page still being read" in found.stderr
    assert "draining" in ocrq("workers").output
    assert try_take(db, owner="one:1/42") is None
    assert try_take(db, owner="one:2/43") is not None
    assert finish(db, held)
    assert "drained" in ocrq("workers").output
    assert ocrq("drain", "--host", "one", "--wait", "--undo").exit_code == 2
    assert json.loads(ocrq("drain", "--host", "one", "--undo", "--json").stdout)["changed"] == 1
    assert try_take(db, owner="one:1/42") is not None


def test_a_dead_worker_is_not_waited_for(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=4)
    worker(db, "one:1", "one")
    worker(db, "one:2", "one")
    take(db, owner="one:1/42")
    execute(db, "UPDATE workers SET seen_at = '2020-01-01 00:00:00.000000Z'")
    assert "1 page still being read" in ocrq("drain", "one:1").stderr  # its lease has not run out
    execute(db, "UPDATE pages SET lease_until = '2020-01-01 00:00:00.000000Z'")
    found = ocrq("drain", "--host", "one", "--wait")
    assert found.exit_code == 0
    assert "1 page of workers that are gone" in found.stderr
    assert json.loads(ocrq("drain", "one:1", "--wait", "--json").stdout)["lost_pages"] == 1


@pytest.mark.parametrize("words", [["one:3"], ["--host", "ones"], [], ["one:1", "--host", "one"]])
def test_a_worker_that_does_not_exist_is_answered_with_the_nearest(
    db: Database, ocrq: Ocrq, words: list[str]
) -> None:
    worker(db, "one:1", "one")
    found = ocrq("drain", *words)
    assert "one" in found.stderr or "name a WORKER" in found.stderr
    assert found.exit_code == 2
    assert column(db, "SELECT draining_at FROM workers") == [None]


def test_prune_asks_and_says_what_it_deletes(db: Database, ocrq: Ocrq) -> None:
    make_batch(db, pages=1, name="letters")
    finish(db, take(db), "first")
    ocrq("redo", "letters", "--all", "--no-clean")
    finish(db, take(db), "second")
    execute(db, "UPDATE readings SET created_at = '2020-01-01 00:00:00.000000Z'")
    assert ocrq("prune").exit_code == 2, "how old must be said"
    months = ocrq("prune", "--older-than", "6m", "--yes")
    assert (months.exit_code, "6min for minutes" in months.stderr) == (2, True)
    refused = ocrq("prune", "--older-than", "90d")
    assert "--yes" in refused.stderr
    found = ocrq("prune", "--older-than", "90d", "--dry-run")
    assert "1 reading with 5 characters" in found.output
    assert column(db, "SELECT count(*) FROM readings") == [2]
    told = json.loads(ocrq("prune", "--older-than", "90d", "--yes", "--json").stdout)
    assert (told["readings"], told["batches"]) == (1, 0)
    assert column(db, "SELECT text FROM page_text") == ["second"]
    execute(db, "UPDATE batches SET finished_at = '2020-01-01 00:00:00.000000Z'")
    found = ocrq("prune", "--older-than", "90d", "--batches", "--yes")
    assert "batch: letters" in found.stderr
    assert "1 batch with 1 document and 1 page deleted" in found.stdout
    assert column(db, "SELECT count(*) FROM batches") == [0]
