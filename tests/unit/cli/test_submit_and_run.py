from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from cli import progress as progress_module
from cli.progress import ProgressDisplay
from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.cancelling import cancel_batch
from store.claims import fail
from store.database import Database
from store.progress import batch_progress
from tests.cli_runner import Ocrq, make_ocrq
from tests.drawing import make_page
from tests.queueing import finish, try_take
from tests.readings import make_result
from worker.intake import IntakeProgress, submit
from worker.run import RunOptions, RunProgress, RunSummary

_ENGINE = ("--engine", "tests.engines.fake:make_engine")


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def ocrq(db: Database, tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path / "home", OCRQ_DATABASE_URL=db.url)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A good page, one that is broken, and a text beside them."""
    folder = tmp_path / "scans"
    folder.mkdir()
    Image.fromarray(make_page("good")).save(folder / "good.png")
    (folder / "broken.tif").write_bytes(b"II*\x00 and then nothing")
    (folder / "notes.txt").write_text("not a scan")
    return folder


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
    copy = ocrq(*submit, "copy", "--wait", "--json")
    assert copy.exit_code == ExitCode.SOME_PAGES_FAILED
    assert json.loads(copy.stdout)["linked_unread"] == 1
    assert "not read yet" in copy.stderr
    first = ocrq(*submit, "first", "--wait", "--json")
    assert first.exit_code == ExitCode.DONE, first.output
    assert json.loads(first.stdout)["done"] == 1
    copy = ocrq(*submit, "copy", "--wait", "--json")
    assert copy.exit_code == ExitCode.DONE
    assert json.loads(copy.stdout)["linked_unread"] == 0
    assert "linked_unread" not in json.loads(ocrq(*submit, "copy", "--json").stdout)


def _run_without_a_worker(
    db_url: str, read: Callable[[Database, int], None], is_interrupted: bool = False
) -> Callable[..., RunSummary]:
    """`run_batch` with a real intake, and somebody else's reading in place of the worker's."""

    def run_batch(
        _db: Database,
        settings: Any,
        paths: Any,
        options: RunOptions,
        _env: Any,
        on_progress: Callable[[RunProgress], None],
    ) -> RunSummary:
        db = Database.open(db_url)
        progress = RunProgress(
            intake=IntakeProgress(), intake_is_complete=False, batch=None, elapsed_s=0.0
        )
        on_progress(progress)
        taken = submit(db, settings, paths, options.submit)
        assert taken.batch_id is not None
        on_progress(replace(progress, batch=batch_progress(db, taken.batch_id)))
        read(db, taken.batch_id)
        done = batch_progress(db, taken.batch_id)
        on_progress(replace(progress, batch=done, intake_is_complete=True))
        db.close()
        return RunSummary(
            submit=taken, batch=done, interrupted=is_interrupted, released=1, elapsed_s=2.0
        )

    return run_batch


def _read_all(db: Database, batch_id: int) -> None:
    while (claimed := try_take(db)) is not None:
        finish(db, claimed, make_result("a good page", doubts={(0, 0): 0.5}))


def _fail_all(db: Database, batch_id: int) -> None:
    while (claimed := try_take(db)) is not None:
        fail(db, claimed, "truncated", "the file ends too early")


def test_run_ends_with_results_failures_and_where_to_look_next(
    ocrq: Ocrq, db: Database, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _read_all))
    out = tmp_path / "out"
    result = ocrq("run", str(scans), "--batch", "my scans", *_ENGINE, "--output", str(out))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED, result.output
    assert "pages       2: 1 done, 1 failed" in result.stdout
    assert "characters  11, mean confidence 0.955, 1 doubtful" in result.stdout
    assert "broken.tif page 1: " in result.stdout
    assert "ocrq doubtful 'my scans'" in result.stdout
    assert (out / "good.txt").read_text() == "a good page\n"
    assert "1 file from 1 page of 2 documents" in result.stdout
    assert "broken.tif, none of its pages has a reading" in result.stderr


def test_run_as_json(
    ocrq: Ocrq, db: Database, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _read_all))
    formats = ("--format", "json", "--output", str(tmp_path / "out"))
    result = ocrq("run", str(scans), "--batch", "b", *_ENGINE, *formats, "--json")
    value = json.loads(result.stdout)
    assert (value["batch"], value["done"], value["characters"]) == ("b", 1, 11)
    assert value["intake"]["new_documents"] == 2
    assert value["export"]["files"] == 2
    assert [page["number"] for page in value["failures"]] == [1]


def test_run_without_failures_is_done(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _read_all))
    result = ocrq("run", str(scans / "good.png"), *_ENGINE)
    assert result.exit_code == ExitCode.DONE
    assert "Not read" not in result.stdout
    assert "--format txt --output DIR" in result.stdout


def test_a_run_that_finds_nothing_new_says_why(
    ocrq: Ocrq, db: Database, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _read_all))
    (tmp_path / "empty").mkdir()
    result = ocrq("run", str(tmp_path / "empty"), *_ENGINE)
    assert result.exit_code == ExitCode.DONE
    assert "no scans were found" in result.stdout
    ocrq("run", str(scans / "good.png"), *_ENGINE)
    again = ocrq("run", str(scans / "good.png"), *_ENGINE)
    assert "1 (1 duplicate, linked to what was read before)" in again.stdout
    assert "--on-duplicate again" in again.stdout
    named = ocrq("run", str(scans / "good.png"), *_ENGINE, "--batch", "named")
    assert "--on-duplicate again" not in named.stdout, "the file is known to the batch by now"
    assert "ocrq redo named --all" in named.stdout


def test_a_run_says_when_its_duplicates_wait_in_another_batch(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cli.run.run_batch", _run_without_a_worker(db.url, lambda _db, _batch_id: None)
    )
    ocrq("submit", str(scans / "good.png"), *_ENGINE)
    result = ocrq("run", str(scans / "good.png"), *_ENGINE)
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert "1 (1 duplicate, linked to other batches; 1 page of those not read yet)" in result.stdout


def test_a_run_that_reads_nothing_has_no_mean(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _fail_all))
    result = ocrq("run", str(scans), *_ENGINE)
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert "characters  0\n" in result.stdout


def test_an_interrupted_run_says_how_to_go_on(
    ocrq: Ocrq, db: Database, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = _run_without_a_worker(db.url, lambda _db, _id: None, is_interrupted=True)
    monkeypatch.setattr("cli.run.run_batch", stopped)
    out = tmp_path / "out"
    result = ocrq("run", str(scans), "--batch", "b", *_ENGINE, "--output", str(out))
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "--batch b" in result.stderr
    assert "1 not read yet" in result.stdout
    assert not list(out.iterdir())


def test_a_run_whose_export_is_refused_shows_its_results_first(
    ocrq: Ocrq, db: Database, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, _read_all))
    (tmp_path / "good.txt").write_text("mine")
    result = ocrq("run", str(scans), "--batch", "b", *_ENGINE, "--output", str(tmp_path))
    assert result.exit_code == ExitCode.USAGE
    assert "1 done" in result.stdout
    assert "ocrq export b" in result.stderr
    assert (tmp_path / "good.txt").read_text() == "mine"


def test_run_wants_a_folder_for_its_formats(ocrq: Ocrq, scans: Path) -> None:
    result = ocrq("run", str(scans), "--format", "txt")
    assert result.exit_code == ExitCode.USAGE
    assert "--output" in result.stderr


def test_a_batch_that_was_cancelled_while_it_ran(
    ocrq: Ocrq, db: Database, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(db: Database, batch_id: int) -> None:
        cancel_batch(db, resolve_batch(db, str(batch_id)).id)

    monkeypatch.setattr("cli.run.run_batch", _run_without_a_worker(db.url, cancel))
    result = ocrq("run", str(scans), *_ENGINE)
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert "1 cancelled" in result.stdout


def test_progress_in_a_pipe_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "_LINE_EVERY_S", 0.0)
    with ProgressDisplay("pages") as display:
        display.show(1, 4, "1 failed")
        display.show(1, 4, "1 failed")
        display.show(2, None, "")
    assert capsys.readouterr().err == "pages: 1 of 4, 1 failed\npages: 2\n"
    with ProgressDisplay("pages", is_quiet=True) as display:
        display.show(1, 4, "")
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with ProgressDisplay("pages") as display:
        display.show(3, 4, "[bold]1 failed")
    shown = capsys.readouterr().err
    assert "3/4" in shown
    assert "[bold]1 failed" in shown
