from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.cancelling import cancel_batch
from store.database import Database
from store.progress import batch_progress
from tests.cli_runner import Ocrq, make_ocrq
from tests.queueing import finish, try_take

_ENGINE = ("--engine", "tests.engines.fake:make_engine")


def test_submit_says_what_it_took_and_what_not(ocrq: Ocrq, scans: Path) -> None:
    result = ocrq("submit", str(scans), "--batch", "b1", *_ENGINE)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "b1: 2 new documents, 1 page queued, 1 page cannot be read, 1 entry left out\n"
    )
    assert "cannot be read: " in result.stderr
    assert "broken.tif page 1" in result.stderr
    assert "notes.txt (a .txt file beside scans)" in result.stderr
    assert "ocrq status b1 --watch" in result.stderr


def test_a_folder_without_scans_is_told(ocrq: Ocrq, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()

    result = ocrq("submit", str(tmp_path / "bare"))

    assert "nothing to read" in result.stderr


def test_submit_again_finds_everything_known(ocrq: Ocrq, scans: Path) -> None:
    ocrq("submit", str(scans), "--batch", "b1", *_ENGINE)
    again = json.loads(ocrq("submit", str(scans), "--batch", "b1", *_ENGINE, "--json").stdout)
    assert (again["batch"], again["known"], again["new_documents"]) == ("b1", 2, 0)


def test_a_broker_that_is_down_is_a_warning(db: Database, scans: Path, tmp_path: Path) -> None:
    broker = {"OCRQ_DATABASE_URL": db.url, "OCRQ_BROKER_URL": "redis://127.0.0.1:1/0"}
    result = make_ocrq(tmp_path / "home", **broker)("submit", str(scans), *_ENGINE)
    assert result.exit_code == 0
    assert "the pages are safe" in result.stderr
    assert "1 page queued" in result.stdout


def test_a_dry_run_writes_nothing(ocrq: Ocrq, scans: Path, tmp_path: Path) -> None:
    fresh = make_ocrq(tmp_path / "nothing-here")
    result = fresh("submit", str(scans), "--dry-run", *_ENGINE)
    assert "2 new documents, 1 page would be queued" in result.stdout
    assert not (tmp_path / "nothing-here").exists()
    assert fresh("submit", str(scans), "--dry-run", "--wait").exit_code == ExitCode.USAGE


def test_a_dry_run_counts_what_is_known_as_the_real_one_does(
    ocrq: Ocrq, db: Database, scans: Path
) -> None:
    ocrq("submit", str(scans / "good.png"), "--batch", "b1", *_ENGINE)
    (scans / "copy.png").write_bytes((scans / "good.png").read_bytes())
    keys = ("new_documents", "new_pages", "duplicates", "known", "unreadable_pages")
    for more in (("--batch", "b1"), ("--batch", "b2"), ("--batch", "b3", "--on-duplicate", "skip")):
        words = ("submit", str(scans), *more, *_ENGINE)
        dry = ocrq(*words, "--dry-run")
        told = json.loads(ocrq(*words, "--dry-run", "--json").stdout)
        real = json.loads(ocrq(*words, "--json").stdout)
        assert [told[key] for key in keys] == [real[key] for key in keys], more
        assert told["left_out_count"] == real["left_out_count"]
        assert told["id"] is None
        assert ("duplicate" in dry.stdout, "would be queued" in dry.stdout) == (True, True)


def test_a_dry_run_finds_duplicates_among_its_own_files(tmp_path: Path, scans: Path) -> None:
    (scans / "copy.png").write_bytes((scans / "good.png").read_bytes())
    words = ("submit", str(scans), "--dry-run", "--json", *_ENGINE)
    fresh = make_ocrq(tmp_path / "nothing-here")
    told = json.loads(fresh(*words).stdout)
    assert (told["new_pages"], told["duplicates"]) == (1, 1)
    assert json.loads(fresh(*words, "--on-duplicate", "again").stdout)["new_pages"] == 2


def test_a_dry_run_refuses_what_the_real_one_would(ocrq: Ocrq, db: Database, scans: Path) -> None:
    ocrq("submit", str(scans), "--batch", "b1", *_ENGINE)
    other = ("submit", str(scans), "--batch", "b1", "--dry-run", *_ENGINE, "--no-deskew")
    assert "deskew" in ocrq(*other).stderr
    assert ocrq(*other).exit_code == ExitCode.USAGE
    cancel_batch(db, resolve_batch(db, "b1").id)
    cancelled = ocrq("submit", str(scans), "--batch", "b1", "--dry-run", *_ENGINE)
    assert (cancelled.exit_code, "was cancelled" in cancelled.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "\u2028x", " "])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_name_that_would_mislead_is_refused(
    ocrq: Ocrq, scans: Path, tmp_path: Path, name: str, more: tuple[str, ...]
) -> None:
    for command in (ocrq, make_ocrq(tmp_path / "nothing-here")):
        result = command("submit", str(scans), "--batch", name, *more, *_ENGINE)
        assert result.exit_code == ExitCode.USAGE, result.output
        assert "name" in result.stderr


def test_what_to_look_at_next_fits_what_was_taken(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("submit", str(scans), "--batch", "b1", *_ENGINE)
    assert "ocrq worker reads it" in ocrq(*words).stderr
    again = ocrq(*words)
    assert ("ocrq status b1" in again.stderr, "worker" in again.stderr) == (True, False)
    read_while_it_waits(db, monkeypatch)
    waited = ocrq(*words, "--wait")
    assert ("ocrq status b1" in waited.stderr, "worker" in waited.stderr) == (True, False)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("/no/such/folder",), "does not exist"),
        ((".", "--dpi", "7"), "dpi must be"),
        ((".", "--priority", "11"), "0<=x<=9"),
        ((".", "--engine", "resnett"), "there is no engine"),
        ((), "PATH"),
    ],
)
def test_wrong_use_of_submit_is_said(args: tuple[str, ...], words: str, ocrq: Ocrq) -> None:
    result = ocrq("submit", *args)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr


def test_submit_with_other_options_names_the_difference(ocrq: Ocrq, scans: Path) -> None:
    ocrq("submit", str(scans), "--batch", "b1", *_ENGINE)
    result = ocrq("submit", str(scans), "--batch", "b1", *_ENGINE, "--no-deskew")
    assert result.exit_code == ExitCode.USAGE
    assert "deskew" in result.stderr


def read_while_it_waits(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time that a command would rest, a page is read instead."""

    def read_one(_seconds: float) -> None:
        claimed = try_take(db)
        assert claimed is not None
        finish(db, claimed)

    monkeypatch.setattr("cli.batch_wait.time", SimpleNamespace(sleep=read_one))


def test_submit_can_wait_until_the_batch_is_done(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ocrq("submit", str(scans / "good.png"), "--batch", "b1", *_ENGINE)
    read_while_it_waits(db, monkeypatch)
    result = ocrq("submit", str(scans), "--batch", "b1", *_ENGINE, "--wait")
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED, result.output
    assert "b1: done, 1 of 2 pages read, 1 failed" in result.stdout


def test_a_submit_that_waits_ends_with_0_only_when_all_is_read(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_while_it_waits(db, monkeypatch)
    submit = ("submit", str(scans / "good.png"), *_ENGINE, "--batch")
    assert ocrq(*submit, "first").exit_code == ExitCode.DONE
    assert ocrq(*submit, "copy").exit_code == ExitCode.DONE
    before = ocrq("status", "copy", "--json")
    assert json.loads(before.stdout)["linked_unread"] == 1
    assert json.loads(before.stdout)["state"] == "sealed"
    copy = ocrq(*submit, "copy", "--wait", "--json")  # waits for the page of the other batch
    assert copy.exit_code == ExitCode.DONE
    assert json.loads(copy.stdout)["linked_unread"] == 0
    assert json.loads(copy.stdout)["state"] == "done"
    assert batch_progress(db, resolve_batch(db, "first").id).done == 1
    assert "linked_unread" not in json.loads(ocrq(*submit, "copy", "--json").stdout)
