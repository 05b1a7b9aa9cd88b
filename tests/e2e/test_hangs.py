"""What hangs for ever, the database among it, and whom that is charged to."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from store.schema import page_events, pages
from tests.chaos.proxy import Proxy
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    draw_scans,
    states,
    wait_until_finished,
)
from tests.services import wait_for


@pytest.mark.redis
@pytest.mark.postgres
def test_a_database_that_freezes_while_pages_are_written_charges_nothing(
    production: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = production.database
    url = production.env["OCRQ_DATABASE_URL"]
    port = urlsplit(url).port
    assert port is not None
    with Proxy(port) as proxy:
        changes = {"OCRQ_DATABASE_URL": url.replace(f":{port}/", f":{proxy.port}/")}
        stack = dataclasses.replace(production, env=production.env | changes)
        batch = stack.submit(draw_scans(tmp_path / "scans", 2), "frozen_out").batch_id
        assert batch is not None
        worker = start_worker(stack)
        wait_for("both pages are read", lambda: states(db, batch) == {"leased": 2}, 60)
        busy = worker.children()
        with proxy.frozen():
            stack.open_gate()
            wait_for("nobody waits longer", lambda: not any(c.is_running() for c in busy), 60)
        wait_until_finished(db, batch)
    assert states(db, batch) == {"done": 2}
    assert_read_exactly_once(db, batch)
    with db.read() as conn:
        assert conn.execute(select(pages.c.attempts)).scalars().all() == [1, 1]
        assert conn.execute(select(pages.c.fence)).scalars().all() == [2, 2]
        assert conn.execute(select(func.count()).select_from(page_events)).scalar_one() == 0
