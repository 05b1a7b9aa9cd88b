"""Commands that look again and again, while PostgreSQL is away for a moment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.cancelling import cancel_batch
from tests.e2e.harness import Stack, draw_scans
from tests.queueing import execute
from tests.services import PostgresServer


def _wait_for_line(command: subprocess.Popen[str], words: str) -> None:
    assert command.stderr is not None
    seen = []
    for line in command.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended with {command.wait()}: {seen}")


@pytest.mark.redis
@pytest.mark.postgres
def test_who_waits_for_a_batch_waits_for_the_database_too(
    production: Stack, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = make_url(production.database.url).database
    folder = draw_scans(tmp_path / "scans", 1)
    production.submit(folder, batch="b")
    watch = production.ocrq("status", "b", "--watch", "--interval", "0.1")
    submit = production.ocrq(
        "submit",
        folder,
        "--wait",
        "--batch",
        "b",
        "--engine",
        "tests.engines.fake:make_engine",
        "--no-orient",
    )
    assert watch.stdout is not None
    assert "sealed" in watch.stdout.readline()
    _wait_for_line(submit, "wait for a worker")
    postgres_server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    postgres_server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    for command in (watch, submit):
        _wait_for_line(command, "waiting for it")
    postgres_server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    for command in (watch, submit):
        _wait_for_line(command, "is back")
    cancel_batch(production.database, resolve_batch(production.database, "b").id)
    out, err = submit.communicate(timeout=60)
    assert submit.returncode == ExitCode.SOME_PAGES_FAILED, err
    assert "cancelled" in out
    out, err = watch.communicate(timeout=60)
    assert watch.returncode == ExitCode.SOME_PAGES_FAILED, err


@pytest.mark.redis
@pytest.mark.postgres
def test_patience_ends(production: Stack, postgres_server: PostgresServer, tmp_path: Path) -> None:
    name = make_url(production.database.url).database
    production.submit(draw_scans(tmp_path / "scans", 1), batch="b")
    production.env["OCRQ_PATIENCE_S"] = "1"
    watch = production.ocrq("status", "b", "--watch", "--interval", "0.1")
    assert watch.stdout is not None
    assert "sealed" in watch.stdout.readline()
    postgres_server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    postgres_server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    assert watch.wait(60) == ExitCode.STORE
    watch.communicate()


@pytest.mark.redis
@pytest.mark.postgres
def test_rights_that_are_revoked_are_not_waited_for(
    production: Stack, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    postgres_server.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
    execute(production.database, "GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk")
    execute(production.database, "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clerk")
    url = make_url(production.database.url).set(username="clerk", password="clerk")
    production.env["OCRQ_DATABASE_URL"] = url.render_as_string(hide_password=False)
    folder = draw_scans(tmp_path / "scans", 1)
    fake = ("--engine", "tests.engines.fake:make_engine", "--no-orient")
    submit = production.ocrq("submit", folder, "--wait", "--batch", "b", *fake)
    _wait_for_line(submit, "wait for a worker")
    execute(production.database, "REVOKE ALL ON pages FROM clerk")
    _out, err = submit.communicate(timeout=60)
    assert submit.returncode == ExitCode.STORE, err
    assert "permission denied for table pages" in err
    assert "waiting for it" not in err
    execute(production.database, "DROP OWNED BY clerk")
    postgres_server.execute("DROP ROLE clerk")
