"""The commands that look at a batch, on a database that store functions filled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocrq.errors import ExitCode
from ocrq.types import PageState
from store.batches import Batch, open_batch
from store.cancelling import cancel_batch
from store.claims import fail
from store.corrections import correct_line
from store.database import Database
from tests.cli_runner import Ocrq
from tests.queueing import finish, make_batch, make_document, page_row, take
from tests.readings import make_result


@pytest.fixture
def batch(db: Database) -> Batch:
    """Two documents: one read, its second page failed; one that could not be opened."""
    found = make_batch(
        db,
        make_document(b"/scans/letter.tif", pages=2),
        make_document(b"/scans/caf\xe9.pdf", error_code="encrypted"),
        name="letters",
    )
    doubts = {(0, 6): 0.5, (1, 0): 0.25}
    finish(db, take(db, found), make_result("born 18Z0\nOslo", doubts=doubts))
    fail(db, take(db, found), "truncated", "the file ends in the middle of page 2")
    return found


def test_status_without_any_batch_says_what_to_do(ocrq: Ocrq) -> None:
    assert "ocrq run" in ocrq("status").stdout


def test_status_lists_batches(ocrq: Ocrq, batch: Batch) -> None:
    header, row = ocrq("status").stdout.splitlines()
    assert header.split()[:6] == ["batch", "state", "documents", "pages", "done", "failed"]
    assert row.split()[:6] == ["letters", "done", "2", "3", "1", "2"]


def test_status_of_a_batch_by_name_and_by_id(ocrq: Ocrq, batch: Batch) -> None:
    details = ocrq("status", "letters").stdout
    assert "3: 1 done, 0 queued, 0 being read, 2 failed" in details
    assert "ocrq failures letters" in details
    assert ocrq("status", str(batch.id)).stdout == details


def test_a_batch_name_with_a_space_is_quoted_in_commands(ocrq: Ocrq, db: Database) -> None:
    made = make_batch(db, make_document(b"/scans/a.tif"), name="box 17")
    fail(db, take(db, made), "truncated", "the file ends too early")

    details = ocrq("status", "box 17").stdout

    assert "ocrq failures 'box 17'" in details
    assert "speed" not in details  # nothing is left to do


def test_status_of_a_batch_of_links_tells_what_it_waits_for(ocrq: Ocrq, db: Database) -> None:
    scan = make_document("a.tif", pages=2, sha256="a" * 64)
    first = make_batch(db, scan, name="first")
    make_batch(db, scan, name="copy")
    finish(db, take(db, first))
    details = ocrq("status", "copy").stdout
    assert "sealed (its duplicates wait for pages of other batches)" in details
    assert "linked     1 page of other batches" in details
    assert ocrq("status").stdout.splitlines()[1].split()[:7] == ["copy", "sealed", *"10001"]
    finish(db, take(db, first))
    watched = ocrq("status", "copy", "--watch")
    assert (watched.exit_code, watched.stdout) == (0, "copy: done, 0 of 0 pages, 0 failed\n")


def test_watching_a_batch_that_is_cancelled_ends_with_1(ocrq: Ocrq, db: Database) -> None:
    cancel_batch(db, make_batch(db, pages=1, name="stopped").id)
    assert ocrq("status", "stopped", "--watch").exit_code == ExitCode.SOME_PAGES_FAILED
    assert ocrq("status", "--watch").exit_code == ExitCode.DONE


def test_status_as_json(ocrq: Ocrq, batch: Batch) -> None:
    one = json.loads(ocrq("status", "letters", "--json").stdout)
    assert (one["batch"], one["state"], one["done"], one["failed"]) == ("letters", "done", 1, 2)
    assert one["created_at"].endswith("Z")
    assert json.loads(ocrq("status", "--json").stdout) == [one]


def test_watching_a_batch_that_is_done_ends_with_its_exit_code(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("status", "letters", "--watch")
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert result.stdout == "letters: done, 3 of 3 pages, 2 failed\n"
    line = ocrq("status", "letters", "--watch", "--json").stdout
    assert json.loads(line)["state"] == "done"
    assert line.count("\n") == 1


def test_a_batch_without_a_worker_says_so(ocrq: Ocrq, db: Database) -> None:
    make_batch(db, pages=2, name="waiting")
    assert "ocrq worker" in ocrq("status", "waiting").stdout


def test_an_open_batch_says_whether_a_submit_is_at_work(ocrq: Ocrq, db: Database) -> None:
    batch = make_batch(db, pages=1, name="unfinished", sealed=False)
    assert "open (its submit was interrupted" in ocrq("status", "unfinished").stdout
    for submit in ("a", "b"):
        open_batch(db, name=batch.name, options=batch.options, options_hash="hash", submit=submit)
    assert "open (2 submits at work on it)" in ocrq("status", "unfinished").stdout
    assert json.loads(ocrq("status", "unfinished", "--json").stdout)["submits"] == 2


def test_a_mistyped_batch_names_the_near_one(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("status", "leters")
    assert result.exit_code == ExitCode.USAGE
    assert "letters" in result.stderr


def test_failures_say_which_page_and_why(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("failures", "letters")
    assert result.exit_code == 0
    first, second = sorted(result.stdout.splitlines())
    assert first.startswith("/scans/caf\\xe9.pdf page 1: the file is encrypted [encrypted]")
    assert "/scans/letter.tif page 2: the file ends in the middle of page 2" in second
    assert "ocrq retry letters" in result.stderr


def test_failures_can_be_paged_through(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("failures", "--limit", "1", "--json")
    (first,) = json.loads(result.stdout)
    assert f"--after {first['page_id']}" in result.stderr
    rest = json.loads(ocrq("failures", "--after", str(first["page_id"]), "--json").stdout)
    assert [page["page_id"] for page in rest] != [first["page_id"]]
    assert len(rest) == 1


def test_failures_of_all_batches_name_the_batch(ocrq: Ocrq, batch: Batch) -> None:
    assert "batch letters, page id" in ocrq("failures").stdout
    assert "batch letters" not in ocrq("failures", "letters").stdout
    assert {p["batch"] for p in json.loads(ocrq("failures", "--json").stdout)} == {"letters"}


def test_no_failures(ocrq: Ocrq) -> None:
    assert ocrq("failures").stdout == "No page failed.\n"


def test_retry_queues_what_was_asked_for(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("retry", "letters", "--code", "truncated")
    assert result.stdout == "letters: 1 page queued again (1 truncated)\n"
    told = json.loads(ocrq("retry", "--all", "--json").stdout)
    assert (told["batch"], told["queued"], told["dry_run"]) == (None, 1, False)
    assert json.loads(ocrq("status", "letters", "--json").stdout)["queued"] == 2


def test_retry_of_everything_must_be_said(ocrq: Ocrq, batch: Batch) -> None:
    assert ocrq("retry").exit_code == ExitCode.USAGE
    assert ocrq("retry", "letters", "--all").exit_code == ExitCode.USAGE


def test_retry_by_page(ocrq: Ocrq, db: Database, batch: Batch) -> None:
    (page,) = json.loads(ocrq("failures", "--limit", "1", "--json").stdout)
    ocrq("retry", "--page", str(page["page_id"]))
    assert page_row(db, page["page_id"])["state"] == PageState.QUEUED


def test_cancel(ocrq: Ocrq, db: Database) -> None:
    make_batch(db, pages=3, name="wrong")
    assert ocrq("cancel", "wrong").stdout == "wrong: 3 pages cancelled\n"
    assert json.loads(ocrq("cancel", "wrong", "--json").stdout)["cancelled"] == 0
    assert json.loads(ocrq("status", "wrong", "--json").stdout)["state"] == "cancelled"


def test_a_finished_batch_cannot_be_cancelled(ocrq: Ocrq, db: Database) -> None:
    found = make_batch(db, pages=1, name="read")
    finish(db, take(db, found), "all of it")
    assert "nothing to cancel" in ocrq("cancel", "read").stdout
    assert json.loads(ocrq("status", "read", "--json").stdout)["state"] == "done"


def test_retry_of_a_page_that_does_not_exist_is_an_error(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("retry", "--page", "999999")
    assert result.exit_code == ExitCode.USAGE
    assert "ocrq failures" in result.stderr


def test_doubtful_shows_the_worst_first_in_its_context(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("doubtful", "letters")
    _, first, second = result.stdout.splitlines()
    assert first.split()[:6] == ["0.250", "O", "?", "1", "1", "0"]
    assert "[O]slo" in first
    assert "born 1[8]Z0" in second
    assert "/scans/letter.tif p. 1" in second
    assert "ocrq correct 1 1 --position 0 '?'" in result.stderr


def test_doubtful_takes_a_limit_and_a_threshold(ocrq: Ocrq, batch: Batch) -> None:
    (only,) = json.loads(ocrq("doubtful", "letters", "--limit", "1", "--json").stdout)
    assert (only["char"], only["line"], only["position"]) == ("O", 1, 0)
    assert "below 0.1" in ocrq("doubtful", "letters", "--below", "0.1").stdout


def test_correct_a_character_by_its_position(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("correct", "1", "0", "--position", "7", "2")
    assert result.stdout == "was:  born 18Z0\nnow:  born 1820\n"
    assert "now:  born 820" in ocrq("correct", "1", "0", "--position", "5", "--delete").stdout
    shown = ocrq("correct", "1", "0", "--position", "6", "--insert", "1", "--json").stdout
    assert json.loads(shown)["text"] == "born 1820"


def test_correct_a_line(ocrq: Ocrq, db: Database, batch: Batch) -> None:
    result = ocrq("correct", "1", "1", "Bergen", "--reviewer", "Ada")
    assert result.stdout == "was:  Oslo\nnow:  Bergen\n"
    assert "Bergen" in ocrq("correct", "1", "1", "").stdout


def test_a_text_that_the_line_has_already_is_not_stored(ocrq: Ocrq, batch: Batch) -> None:
    result = ocrq("correct", "1", "1", "Oslo")
    assert result.exit_code == ExitCode.DONE
    assert result.stdout == "It reads so already, nothing was stored: Oslo\n"
    assert json.loads(ocrq("correct", "1", "1", "Oslo", "--json").stdout)["stored"] is False
    assert "[O]slo" in ocrq("doubtful", "letters").stdout


def test_a_right_character_is_confirmed_by_its_position(ocrq: Ocrq, batch: Batch) -> None:
    confirm = ("correct", "1", "1", "--position", "0", "O")
    assert ocrq(*confirm).stdout == "Character 0 is confirmed: Oslo\n"
    assert "Oslo" not in ocrq("doubtful", "letters").stdout
    assert ocrq(*confirm).stdout == "It reads so already, nothing was stored: Oslo\n"


@pytest.mark.parametrize(
    "args",
    [
        ("1", "0"),
        ("1", "0", "--delete"),
        ("1", "0", "--position", "1"),
        ("1", "0", "--position", "1", "--delete", "x"),
        ("1", "0", "--position", "1", "--delete", "--insert"),
        ("1", "0", "--position", "1", "two"),
        ("1", "0", "--position", "99", "x"),
        ("1", "7", "text"),
        ("99", "0", "text"),
        ("1", "0", "two\nlines"),
    ],
)
def test_corrections_that_make_no_sense_are_refused(
    args: tuple[str, ...], ocrq: Ocrq, batch: Batch
) -> None:
    result = ocrq("correct", *args)
    assert result.exit_code == ExitCode.USAGE
    assert result.stderr.startswith("Error: ")


def test_export_writes_corrected_text_and_names_what_is_missing(
    ocrq: Ocrq, db: Database, batch: Batch, tmp_path: Path
) -> None:
    correct_line(db, 1, 0, "born 1820", "Ada")
    out = tmp_path / "out"
    result = ocrq("export", "letters", "--output", str(out))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert (out / "letter.txt").read_text() == "born 1820\nOslo\n\f"
    assert "missing: /scans/letter.tif page 2 is failed (truncated:" in result.stderr
    assert "1 file from 1 page of 2 documents" in result.stdout
    assert "none of its pages has a reading" in result.stderr
    assert len(list(out.glob("*.txt"))) == 1, "no empty file for a scan that cannot be read"
    raw = ocrq("export", "letters", "--output", str(tmp_path / "raw"), "--raw", "--json")
    assert (tmp_path / "raw" / "letter.txt").read_text() == "born 18Z0\nOslo\n\f"
    assert len(json.loads(raw.stdout)["missing"]) == 2


def test_export_in_several_formats_at_once_and_again(
    ocrq: Ocrq, batch: Batch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    formats = ("--format", "txt", "--format", "json", "--format", "csv")
    for _ in range(2):
        ocrq("export", "letters", *formats, "--output", str(out))
    names = sorted(path.name for path in out.iterdir() if path.suffix != ".pdf")
    assert names == [
        "caf\udce9.json",
        "letter.csv",
        "letter.json",
        "letter.txt",
        "ocrq-export.json",
    ]
    page = json.loads((out / "letter.json").read_text())["pages"][0]
    assert page["lines"][0]["chars"][6]["confidence"] == 0.5
    assert len((out / "letter.csv").read_text().splitlines()) == 1 + len("born 18Z0Oslo")


def test_export_reports_names_that_clash(ocrq: Ocrq, db: Database, tmp_path: Path) -> None:
    found = make_batch(
        db, make_document(b"/x/a.tif"), make_document(b"/y/a.tif", mtime_ns=2), name="two"
    )
    for text in ("one", "two"):
        finish(db, take(db, found), text)
    result = ocrq("export", "two", "--output", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert "renamed: /y/a.tif -> a-2" in result.stderr
    assert (tmp_path / "out" / "a-2.txt").read_text() == "two\n"


def test_export_does_not_replace_other_peoples_files(
    ocrq: Ocrq, batch: Batch, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = ocrq("export", "letters", "--output", str(tmp_path))
    assert result.exit_code == ExitCode.USAGE
    assert "letter.txt" in result.stderr
    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert not list(tmp_path.glob("caf*"))
    ocrq("export", "letters", "--output", str(tmp_path), "--force")
    assert (tmp_path / "letter.txt").read_text() != "mine"


def test_an_export_that_was_killed_is_done_again(
    ocrq: Ocrq, batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr("cli.export_folder.ExportFolder._settle", lambda _self: None)
        ocrq("export", "letters", "--output", str(tmp_path))
    (tmp_path / "letter.txt").write_text("as an ocrq wrote it whose list was lost")
    result = ocrq("export", "letters", "--output", str(tmp_path))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert (tmp_path / "letter.txt").read_text().startswith("born")


def test_export_follows_duplicates_and_names_pages_that_wait(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    first = make_batch(db, make_document(b"/x/a.tif", sha256="1" * 64), name="first")
    finish(db, take(db, first), "read once")
    make_batch(
        db,
        make_document(b"/y/copy.tif", sha256="1" * 64),
        make_document(b"/y/new.tif", sha256="2" * 64),
        name="second",
    )
    result = ocrq("export", "second", "--output", str(tmp_path / "out"))
    assert (tmp_path / "out" / "copy.txt").read_text() == "read once\n"
    assert "/y/new.tif page 1 is queued" in result.stderr
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED


def test_a_cancelled_batch_is_exported_as_far_as_it_was_read(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    found = make_batch(db, make_document(b"/x/a.tif", pages=2), name="stopped")
    finish(db, take(db, found), "first page")
    cancel_batch(db, found.id)
    result = ocrq("export", "stopped", "--output", str(tmp_path / "out"))
    assert (tmp_path / "out" / "a.txt").read_text() == "first page\n\f"
    assert "page 2 is cancelled" in result.stderr
