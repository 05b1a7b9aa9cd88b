"""Cancelling a batch ends the processes that read its pages, and leaves other batches alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import select

from store.cancelling import cancel_batch
from store.schema import pages
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import Stack, draw_scans, states, wait_until_finished
from tests.services import wait_for

pytestmark = pytest.mark.worker


def test_cancelled_pages_stop_and_the_worker_goes_on(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    stack = dataclasses.replace(stack, env=stack.env | {"OCRQ_LEASE_S": "60"})
    db = stack.database
    slow = stack.submit(draw_scans(tmp_path / "slow", 2, name="slow"), "sleepy").batch_id
    other = stack.submit(draw_scans(tmp_path / "other", 2, name="other"), priority=0).batch_id
    assert slow is not None
    assert other is not None
    worker = start_worker(stack)

    def both_are_being_read() -> bool:
        with db.read() as conn:
            held = conn.execute(select(pages.c.id).where(pages.c.state == "leased")).all()
        return len(held) == 2

    wait_for("both pages are being read", both_are_being_read, 60)
    busy = worker.children()
    assert cancel_batch(db, slow).pages == 2
    wait_for("their processes end", lambda: not any(child.is_running() for child in busy))
    wait_until_finished(db, other)
    assert states(db, slow) == {"cancelled": 2}
    assert states(db, other) == {"done": 2}
