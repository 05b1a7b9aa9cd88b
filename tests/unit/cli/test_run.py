from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import progress as progress_module
from cli.progress import ProgressDisplay
from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.cancelling import cancel_batch
from store.claims import fail
from store.database import Database
from store.progress import batch_progress
from tests.cli_runner import Ocrq
from tests.queueing import finish, try_take
from tests.readings import make_result
from worker.intake import IntakeProgress, submit
from worker.run import RunOptions, RunProgress, RunSummary

_ENGINE = ("--engine", "tests.engines.fake:make_engine")


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
    assert f"ocrq export b --output {tmp_path}\n" in result.stderr
    assert (tmp_path / "good.txt").read_text() == "mine"
    formats = ("--format", "txt", "--format", "csv")
    again = ocrq("run", str(scans), "--batch", "b", *_ENGINE, *formats, "--output", str(tmp_path))
    assert f"ocrq export b --format txt --format csv --output {tmp_path}\n" in again.stderr


def test_a_run_into_a_folder_that_cannot_be_written_reads_nothing(
    ocrq: Ocrq, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_args: Any) -> int:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr("cli.run.run_batch", lambda *_args: pytest.fail("it began to read"))
    result = ocrq("run", str(scans), *_ENGINE, "--output", str(tmp_path))
    assert result.exit_code == ExitCode.STORE
    assert "Read-only file system" in result.stderr


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
