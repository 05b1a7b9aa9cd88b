"""The two ways to run ocrq: embedded (SQLite, memory://) and production (PostgreSQL, Redis)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.database import Database
from tests.e2e.harness import Stack, WorkerProcess, worker_environment

StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def embedded(sqlite_url: str, tmp_path: Path) -> Iterator[Stack]:
    database = Database.open(sqlite_url)
    yield Stack(
        env=worker_environment(sqlite_url, "memory://", tmp_path / "home"), database=database
    )
    database.close()


@pytest.fixture
def production(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    url = request.getfixturevalue("postgres_url")
    broker = request.getfixturevalue("redis_server")
    database = Database.open(url)
    yield Stack(env=worker_environment(url, broker.url, tmp_path / "home"), database=database)
    database.close()


@pytest.fixture(
    params=[
        "embedded",
        pytest.param("production", marks=[pytest.mark.redis, pytest.mark.postgres]),
    ]
)
def stack(request: pytest.FixtureRequest) -> Stack:
    found: Stack = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """Start workers that end with the test; their log is shown when it fails."""
    started: list[WorkerProcess] = []
    log = tmp_path / "worker.log"

    def start(stack: Stack, concurrency: int = 2) -> WorkerProcess:
        started.append(WorkerProcess(stack, log, concurrency))
        return started[-1]

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()
    if log.exists():
        print(log.read_text(encoding="utf-8", errors="replace"))  # noqa: T201
