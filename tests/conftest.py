"""Fixtures for the whole suite: real servers, a fresh database for each test, clean settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from ocrq.config import Settings
from tests.services import PostgresServer, RedisServer, running_postgres, running_redis

if TYPE_CHECKING:
    from store.database import Database

# Before any test imports numpy or OpenCV: two cores are shared by the tests and their workers.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,  # a busy machine is not a bug
    derandomize=True,  # the same commit gives the same verdict
    database=None,
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's settings or writes into the developer's data."""
    for name in [name for name in os.environ if name.startswith("OCRQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OCRQ_HOME", str(tmp_path / "ocrq-home"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, with data in the test's own folder: SQLite and memory://."""
    return Settings(home=tmp_path / "ocrq-home")


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    """The session's Redis; tests take `redis_server`."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    """A running, empty Redis; whatever the test does to it is mended afterwards."""
    redis_process.start()
    redis_process.flush()
    yield redis_process
    redis_process.thaw()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL; tests take `postgres_url` or `database`."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """Migrated once: a clone takes a tenth of the time of the migrations."""
    from store.migrate import upgrade

    with postgres_server.new_database() as name:
        upgrade(postgres_server.url(name))
        yield name


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from store.migrate import upgrade

    path = tmp_path_factory.mktemp("template") / "ocrq.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database for this test."""
    with postgres_server.new_database(template=_postgres_template) as name:
        yield postgres_server.url(name)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database for this test without any table."""
    with postgres_server.new_database() as name:
        yield postgres_server.url(name)


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A migrated, empty SQLite database for this test."""
    path = tmp_path / "ocrq.db"
    for part in _sqlite_template.parent.glob(f"{_sqlite_template.name}*"):
        shutil.copy(part, path.with_name(part.name))
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    from store.database import Database

    opened = Database.open(database_url)
    try:
        yield opened
    finally:
        opened.close()
