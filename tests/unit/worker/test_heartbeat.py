"""When a heartbeat ends its process, and when a page was only finished meanwhile."""

from __future__ import annotations

import threading

import pytest

from store.claims import heartbeat
from store.database import Database
from store.failures import task_died
from tests.queueing import RULES, finish, make_batch, take
from worker.heartbeat import FENCED_OFF, Heartbeat


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses with which this process would have ended."""
    found: list[int] = []

    def note_exit(status: int) -> None:
        found.append(status)
        raise SystemExit  # ends the thread only

    monkeypatch.setattr("worker.heartbeat.os._exit", note_exit)
    return found


def test_a_page_that_was_just_written_does_not_cost_its_process(
    database: Database, monkeypatch: pytest.MonkeyPatch, exits: list[int]
) -> None:
    make_batch(database, pages=1)
    held = take(database)
    found_done = threading.Event()

    def beat(*arguments: object) -> bool:
        alive = heartbeat(*arguments)  # type: ignore[arg-type]
        if not alive:
            found_done.set()
        return alive

    monkeypatch.setattr("worker.heartbeat.heartbeat", beat)
    monkeypatch.setattr("worker.heartbeat._END_OF_PAGE_S", 30.0)
    with Heartbeat(database, held, RULES, every_s=0.05):
        assert finish(database, held)
        assert found_done.wait(30)  # and the block ends only now
    assert exits == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_page_that_was_taken_away_ends_its_process(
    database: Database, monkeypatch: pytest.MonkeyPatch, exits: list[int]
) -> None:
    monkeypatch.setattr("worker.heartbeat._END_OF_PAGE_S", 0.05)
    make_batch(database, pages=1)
    held = take(database, task_id="t")
    beating = Heartbeat(database, held, RULES, every_s=0.05)
    with beating:
        assert task_died(database, "t", "killed", RULES) == "queued"
        beating._thread.join(30)
    assert exits == [FENCED_OFF]
