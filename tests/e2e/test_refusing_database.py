"""A PostgreSQL that turns read only under a worker, as a failover or a provider does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from store.schema import pages
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    draw_scans,
    states,
    wait_until_finished,
)
from tests.services import PostgresServer, wait_for


@pytest.mark.redis
@pytest.mark.postgres
def test_a_database_that_turns_read_only_is_waited_for(
    production: Stack, start_worker: StartWorker, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = make_url(production.database.url).database

    def set_read_only(change: str) -> None:
        postgres_server.execute(f'ALTER DATABASE "{name}" {change}')
        postgres_server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    db = production.database
    batch = production.submit(draw_scans(tmp_path / "scans", 3), "gated").batch_id
    assert batch is not None
    worker = start_worker(production, concurrency=1)
    wait_for("a page is being read", lambda: states(db, batch) == {"leased": 1, "queued": 2}, 60)
    main = worker.main()
    set_read_only("SET default_transaction_read_only = on")
    production.open_gate()
    wait_for("its result is refused", lambda: "the page is read" in worker.log(), 60)
    set_read_only("RESET default_transaction_read_only")
    wait_until_finished(db, batch)
    assert worker.main() == main
    assert states(db, batch) == {"done": 3}
    assert_read_exactly_once(db, batch)
    with db.read() as conn:
        assert conn.execute(select(pages.c.attempts)).scalars().all() == [1, 1, 1]
    assert worker.stop() == 0
