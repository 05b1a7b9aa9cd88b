"""SIGKILL of every kind of process, and a broker that forgets: nothing lost or doubled."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import StartWorker
from tests.e2e.harness import (
    Stack,
    WorkerProcess,
    assert_read_exactly_once,
    done,
    draw_scans,
    states,
    wait_until_finished,
)
from tests.services import RedisServer, wait_for

pytestmark = pytest.mark.worker

PAGES = 40


def _kill_child(worker: WorkerProcess) -> None:
    def kill_one() -> bool:
        for child in worker.children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself just now
                child.kill()
                return True
        return False

    wait_for("a page child is killed", kill_one)


def _kill_main(worker: WorkerProcess) -> None:
    wait_for("the Celery main lives", lambda: worker.main() is not None)
    main = worker.main()
    assert main is not None
    children = worker.children()
    main.kill()
    wait_for("its children are gone with it", lambda: not any(c.is_running() for c in children))


def test_nothing_is_lost_or_doubled(
    stack: Stack,
    start_worker: StartWorker,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    batch_id = stack.submit(draw_scans(tmp_path / "scans", PAGES), "steady").batch_id
    assert batch_id is not None

    def wait_for_progress(at_least: int) -> None:
        wait_for(
            f"{at_least} pages are done", lambda: done(stack.database, batch_id) >= at_least, 60
        )

    first = start_worker(stack)
    wait_for_progress(4)
    _kill_child(first)
    wait_for_progress(10)
    _kill_main(first)
    wait_for_progress(16)
    if stack.settings.broker_url.startswith("redis"):
        redis: RedisServer = request.getfixturevalue("redis_server")
        redis.flush()
    wait_for_progress(22)
    main = first.main()
    children = first.children()
    first.kill()
    wait_for(
        "the kernel ended the main and its children",
        lambda: not any(p.is_running() for p in [main, *children] if p is not None),
    )
    second = start_worker(stack)
    wait_until_finished(stack.database, batch_id)
    assert states(stack.database, batch_id) == {"done": PAGES}
    assert_read_exactly_once(stack.database, batch_id)
    assert second.stop() == 0
