"""Which children are ended because they are at work without a page."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from celery.worker import state as celery_state

from store.database import Database
from tests.services import wait_for
from worker import lost_pages
from worker.lost_pages import LostPages
from worker.processes import has_ended

OWNER = "host:1"
DB = cast("Database", None)  # nothing is asked: `leases_of` is replaced


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch, child: subprocess.Popen[bytes]) -> dict[str, str]:
    """What SQL says of this worker's leases; its one child is at work on task `t`."""
    held: dict[str, str] = {}
    request = SimpleNamespace(id="t", worker_pid=child.pid)
    monkeypatch.setattr(celery_state, "active_requests", [request])
    monkeypatch.setattr(lost_pages, "leases_of", lambda _db, _owner: dict(held))
    return held


def test_a_child_whose_page_was_taken_is_ended_after_a_while(
    child: subprocess.Popen[bytes], leases: dict[str, str]
) -> None:
    watch = LostPages(OWNER)
    leases["t"] = f"{OWNER}/{child.pid}"
    assert watch.look(DB, 0.0) == []
    leases.clear()
    assert watch.look(DB, 1.0) == []
    assert watch.look(DB, 3.0) == []
    assert child.poll() is None
    assert watch.look(DB, 4.0) == [child.pid]
    assert child.wait(30) == -9


def test_one_that_has_ended_by_itself_is_not_ended_again(
    child: subprocess.Popen[bytes], leases: dict[str, str]
) -> None:
    """Its own heartbeat did that; Celery has not asked for its end yet."""
    watch = LostPages(OWNER)
    leases["t"] = f"{OWNER}/{child.pid}"
    watch.look(DB, 0.0)
    leases.clear()
    watch.look(DB, 1.0)
    os.kill(child.pid, signal.SIGTERM)
    wait_for("the child has ended", lambda: has_ended(child.pid))
    assert watch.look(DB, 4.0) == []
    child.wait()
    assert watch.look(DB, 5.0) == []


def test_one_that_may_still_wait_for_a_page_has_more_time(
    child: subprocess.Popen[bytes], leases: dict[str, str]
) -> None:
    watch = LostPages(OWNER)
    assert watch.look(DB, 0.0) == []
    assert watch.look(DB, 39.0) == []
    assert watch.look(DB, 40.5) == [child.pid]


def test_a_child_at_its_next_page_is_left_alone(
    child: subprocess.Popen[bytes], leases: dict[str, str]
) -> None:
    watch = LostPages(OWNER)
    leases["t"] = f"{OWNER}/{child.pid}"
    watch.look(DB, 0.0)
    del leases["t"]
    leases["next"] = f"{OWNER}/{child.pid}"  # its main has not heard of it yet
    assert [watch.look(DB, now_s) for now_s in (1.0, 20.0, 40.0)] == [[], [], []]
    assert child.poll() is None


def test_a_task_that_is_added_while_the_others_are_looked_at_does_no_harm(
    child: subprocess.Popen[bytes], leases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Changing:
        """As the WeakSet that Celery's own thread adds to meanwhile."""

        looks = 0

        def __iter__(self) -> Iterator[SimpleNamespace]:
            self.looks += 1
            if self.looks == 1:
                raise RuntimeError("Set changed size during iteration")
            return iter([SimpleNamespace(id="t", worker_pid=child.pid)])

    monkeypatch.setattr(celery_state, "active_requests", Changing())
    watch = LostPages(OWNER)
    assert watch.look(DB, 0.0) == []
    assert watch.look(DB, 40.5) == [child.pid]
