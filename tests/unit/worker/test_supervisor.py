"""The supervisor against mains that are small scripts: deaths, verdicts, giving up, stopping."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ocrq.config import Settings
from ocrq.errors import ModelError, OcrqError, StoreUnavailable
from ocrq.types import PageState
from store.claims import claim
from store.database import Database
from store.ready import ClaimScope
from store.ringing import WorkerInfo, forgive_lost_worker, note_worker
from store.schema import pages
from store.working import report_workers
from tests.queueing import RULES, make_batch
from tests.services import wait_for
from worker import supervisor as module
from worker.options import WorkerOptions
from worker.supervisor import Supervisor, main_environment

#: Stands for worker.main: does what the file named in OCRQ_CONFIG's place says.
_MAIN = """
import json, os, signal, sys, time
arguments = dict(word[2:].partition("=")[::2] for word in sys.argv[1:])
with open(os.environ["STARTS"], "a") as file:
    file.write("x")
how = os.environ["HOW"]
if how == "die":
    os.kill(os.getpid(), signal.SIGKILL)
if how == "model":
    os.write(int(arguments["verdict-fd"]), json.dumps([69, "no weights here"]).encode() + b"\\n")
    os._exit(69)
if how == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
"""


@pytest.fixture
def make(
    settings: Settings, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Supervisor]]:
    package = tmp_path / "site" / "worker"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "main.py").write_text(_MAIN)
    monkeypatch.setattr(module, "_FIRST_PAUSE_S", 0.01)
    made: list[Supervisor] = []

    def make(how: str) -> Supervisor:
        env = {
            **os.environ,
            "PYTHONPATH": str(tmp_path / "site"),
            "STARTS": str(tmp_path / "starts"),
            "HOW": how,
        }
        options = WorkerOptions(name="test:1", concurrency=1)
        stored = dataclasses.replace(settings, database_url=sqlite_url)
        made.append(Supervisor(stored, options, env))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.kill()


def _starts(tmp_path: Path) -> int:
    path = tmp_path / "starts"
    return len(path.read_text()) if path.exists() else 0


def test_a_main_that_dies_at_once_again_and_again_is_given_up(
    make: Callable[[str], Supervisor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FAST_DEATH_S", 600.0)  # this machine may be busy
    supervisor = make("die")
    supervisor.start()

    def gives_up() -> bool:
        try:
            supervisor.poll()
        except OcrqError as exc:
            assert "5 times in a row" in str(exc)
            assert "SIGKILL" in str(exc)
            return True
        return False

    wait_for("the supervisor gives up", gives_up)
    assert _starts(tmp_path) == 5
    assert supervisor.pid is None


def test_a_verdict_of_the_main_is_final(
    make: Callable[[str], Supervisor], tmp_path: Path, sqlite_url: str
) -> None:
    db = Database.open(sqlite_url)
    info = WorkerInfo(owner="test:1", host="h", pid=1, version="1", device="cpu", concurrency=1)
    note_worker(db, info)
    supervisor = make("model")
    supervisor.start()

    def stops() -> bool:
        try:
            supervisor.poll()
        except ModelError as exc:
            assert str(exc) == "no weights here"
            return True
        return False

    wait_for("the verdict arrives", stops)
    assert _starts(tmp_path) == 1
    assert report_workers(db) == []
    db.close()


def _leased(url: str) -> int:
    """One page that test:1 holds; returns its id."""
    db = Database.open(url)
    make_batch(db, pages=1)
    scope = ClaimScope(batch_id=None, owner="test:1/77", task_id="t")
    claimed = claim(db, scope, RULES)
    assert claimed is not None
    db.close()
    return claimed.page_id


def _state(url: str) -> tuple[str, int]:
    db = Database.open(url)
    with db.read() as conn:
        row = conn.execute(pages.select()).one()
    db.close()
    return row.state, row.attempts


def test_pages_of_a_main_that_died_while_the_database_was_away_are_given_back_first(
    make: Callable[[str], Supervisor],
    tmp_path: Path,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _leased(sqlite_url)
    supervisor = make("sleep")
    supervisor.start()
    wait_for("it runs", lambda: _starts(tmp_path) == 1)
    tries = []

    def away_at_first(*arguments: Any) -> int:
        tries.append(1)
        if len(tries) < 3:
            raise StoreUnavailable("the database is away")
        assert _starts(tmp_path) == 1, "the next main started before that"
        return forgive_lost_worker(*arguments)

    monkeypatch.setattr("worker.supervisor.forgive_lost_worker", away_at_first)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)

    def restarted() -> bool:
        supervisor.poll()
        return _starts(tmp_path) == 2

    wait_for("it runs again", restarted)
    assert _state(sqlite_url) == (PageState.QUEUED, 0)


def test_a_killed_main_is_restarted_and_its_pages_are_given_back(
    make: Callable[[str], Supervisor], tmp_path: Path, sqlite_url: str
) -> None:
    _leased(sqlite_url)
    supervisor = make("sleep")
    supervisor.start()
    wait_for("it runs", lambda: _starts(tmp_path) == 1)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)

    def restarted() -> bool:
        supervisor.poll()
        return _starts(tmp_path) == 2

    wait_for("it runs again", restarted)
    assert _state(sqlite_url) == (PageState.QUEUED, 0)


def test_stopping_waits_for_running_pages_but_not_for_ever(
    make: Callable[[str], Supervisor], tmp_path: Path, sqlite_url: str
) -> None:
    _leased(sqlite_url)
    supervisor = make("deaf")
    supervisor.start()
    wait_for("it runs", lambda: _starts(tmp_path) == 1)
    main = psutil.Process(supervisor.pid)
    assert supervisor.stop(0.3, lambda: False) == 1
    assert not main.is_running()
    assert _state(sqlite_url) == (PageState.QUEUED, 0)


def test_stopping_without_running_pages_is_quick(make: Callable[[str], Supervisor]) -> None:
    supervisor = make("deaf")
    supervisor.start()
    assert supervisor.stop(1000, lambda: False) == 0


def test_stopping_can_be_hurried(make: Callable[[str], Supervisor], sqlite_url: str) -> None:
    _leased(sqlite_url)
    supervisor = make("deaf")
    supervisor.start()
    assert supervisor.stop(1000, lambda: True) == 1


def test_the_main_gets_these_settings_whatever_the_environment_says(settings: Settings) -> None:
    settings = dataclasses.replace(settings, lease_s=7.5, broker_url="redis://here/0")
    env = main_environment({"OCRQ_LEASE_S": "1", "PATH": "/bin", "OMP_NUM_THREADS": "4"}, settings)
    assert env["OCRQ_LEASE_S"] == "7.5"
    assert env["OCRQ_BROKER_URL"] == "redis://here/0"
    assert env["PATH"] == "/bin"
    assert env["OMP_NUM_THREADS"] == "4"  # whoever sets it means it
    assert env["OPENBLAS_NUM_THREADS"] == "1"
