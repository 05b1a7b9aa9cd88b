"""One document whose pages crash, loop, eat memory and lie: each bears its own fault alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from store.database import Database
from store.schema import page_events, pages
from tests.chaos.scans import VERDICTS, draw_document
from tests.e2e.harness import Stack, WorkerProcess, wait_until_finished, worker_environment
from tests.engines.mixed import Poison

pytestmark = pytest.mark.worker

_LIMITS = {
    "OCRQ_MAX_ATTEMPTS": "2",
    "OCRQ_MAX_KILLS": "2",
    "OCRQ_MAX_DEADLINES": "2",
    "OCRQ_DEADLINE_S": "12",  # twice for one page; a good one needs far less on a busy machine
    "OCRQ_MEMORY_MB": "150",
    "OCRQ_LEASE_S": "60",  # here leases end by deaths that are noticed, not by running out
}


def test_a_poisoned_page_does_not_fail_the_other_pages_of_its_document(
    tmp_path: Path, sqlite_url: str
) -> None:
    env = worker_environment(sqlite_url, "memory://", tmp_path / "home") | _LIMITS
    stack = Stack(env=env, database=Database.open(sqlite_url))
    poisons = [p for poison in Poison for p in (Poison.NONE, poison)]
    (tmp_path / "scans").mkdir()
    draw_document(tmp_path / "scans" / "document.tif", poisons)
    batch_id = stack.submit(tmp_path / "scans", "mixed").batch_id
    assert batch_id is not None
    worker = WorkerProcess(stack, tmp_path / "worker.log", 2, "mixed")
    try:
        wait_until_finished(stack.database, batch_id, 120)
    finally:
        worker.kill()
    with stack.database.read() as conn:
        rows = conn.execute(select(pages).order_by(pages.c.number)).all()
        blamed = set(conn.execute(select(page_events.c.page_id)).scalars())
    found = [(row.state, row.error_code) for row in rows]
    assert found == [VERDICTS[poison] for poison in poisons]
    for row, poison in zip(rows, poisons, strict=True):
        is_good = VERDICTS[poison][0] == "done"
        assert (row.id not in blamed) == is_good
        assert row.attempts == (1 if is_good else 2)
    sentences = {p: row.error for row, p in zip(rows, poisons, strict=True)}
    assert "missing risk nan" in sentences[Poison.NAN]
    assert "was given 2 lines and read 1" in sentences[Poison.GARBAGE]
