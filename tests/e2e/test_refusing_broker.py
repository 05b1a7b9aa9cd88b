"""A Redis that answers, but with errors: workers wait for it as for one that is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import StartWorker
from tests.e2e.harness import Stack, draw_scans, states, wait_until_finished
from tests.services import RedisServer, wait_for


@pytest.mark.redis
@pytest.mark.postgres
def test_a_broker_that_takes_no_writes_is_waited_for_and_named_once(
    production: Stack, start_worker: StartWorker, redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.command("CONFIG", "SET", "maxmemory", "1")
    try:
        first = production.submit(draw_scans(tmp_path / "first", 1)).batch_id
        worker = start_worker(production, concurrency=1)
        wait_for("it says so", lambda: "maxmemory" in worker.log(), 60)
        redis_server.command("CONFIG", "SET", "maxmemory", "0")
        assert first is not None
        wait_until_finished(production.database, first)
        main = worker.main()

        redis_server.command("REPLICAOF", "127.0.0.1", "1")
        wait_for("it says so", lambda: worker.log().count("cannot be used") == 2, 60)
        second = production.submit(draw_scans(tmp_path / "second", 1, name="other")).batch_id
        redis_server.command("REPLICAOF", "NO", "ONE")
        assert second is not None
        wait_until_finished(production.database, second)
        assert states(production.database, second) == {"done": 1}
        assert worker.main() == main
    finally:
        redis_server.command("CONFIG", "SET", "maxmemory", "0")
        redis_server.command("REPLICAOF", "NO", "ONE")
    assert worker.stop() == 0
    log = worker.log()
    assert log.count("cannot be used") == log.count("can be used again") == 2
    assert "Traceback" not in log
