"""Operations on workers that run: stop within seconds, take a rest, leave when the schema moves."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text

from ocrq.errors import ExitCode
from store.cancelling import cancel_batch
from store.database import Database
from store.pausing import hold_everything, release_everything
from store.retrying import retry_pages
from store.schema import SCHEMA_VERSION, pages
from store.working import drain_workers, report_workers
from tests.drawing import make_page
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    done,
    draw_scans,
    states,
    wait_until_finished,
)
from tests.services import wait_for

pytestmark = pytest.mark.worker


def leased(db: Database) -> int:
    with db.read() as conn:
        return len(conn.execute(select(pages.c.id).where(pages.c.state == "leased")).all())


def set_schema(db: Database, version: str) -> None:
    with db.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_cancelled_pages_stop_with_the_default_heartbeat(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    """The heartbeat is 3 s by default; that is how soon a process learns that its page is gone."""
    usual = {"OCRQ_HEARTBEAT_S": "3", "OCRQ_LEASE_S": "30"}
    stack = dataclasses.replace(stack, env=stack.env | usual)
    db = stack.database
    batch = stack.submit(draw_scans(tmp_path / "scans", 2), "sleepy").batch_id
    assert batch is not None
    worker = start_worker(stack)
    wait_for("both pages are being read", lambda: leased(db) == 2, 60)
    busy = worker.children()
    started_s = time.monotonic()
    assert cancel_batch(db, batch).pages == 2
    wait_for("their processes end", lambda: not any(child.is_running() for child in busy))
    print(f"stopped after {time.monotonic() - started_s:.1f} s")  # noqa: T201
    assert states(db, batch) == {"cancelled": 2}


def test_a_page_whose_engine_hangs_is_cancelled_long_before_its_deadline(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    """It holds Python's lock, so that its own heartbeat cannot notice."""
    stack = dataclasses.replace(stack, env=stack.env | {"OCRQ_DEADLINE_S": "300"})
    db = stack.database
    hanging = stack.submit(draw_scans(tmp_path / "scans", 2), "hang").batch_id
    assert hanging is not None
    worker = start_worker(stack)
    wait_for("both pages are being read", lambda: leased(db) == 2, 60)
    busy = worker.children()
    assert cancel_batch(db, hanging).pages == 2
    wait_for("their processes end", lambda: not any(child.is_running() for child in busy), 120)
    assert states(db, hanging) == {"cancelled": 2}
    other = stack.submit(draw_scans(tmp_path / "more", 2), "fake").batch_id
    assert other is not None
    wait_until_finished(db, other)
    assert_read_exactly_once(db, other)
    with db.read() as conn:
        assert conn.execute(select(pages.c.attempts)).scalars().all() == [1, 1, 1, 1]


def test_a_drained_worker_finishes_its_pages_and_takes_no_more(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = stack.database
    worker = start_worker(stack)
    wait_for("the worker is known", lambda: len(report_workers(db)) == 1, 60)
    (report,) = report_workers(db)
    batch = stack.submit(draw_scans(tmp_path / "scans", 6), "gated").batch_id
    assert batch is not None
    wait_for("two pages are being read", lambda: leased(db) == 2, 60)
    assert drain_workers(db, [report.owner]) == 1
    stack.open_gate()
    wait_for("its pages are finished", lambda: leased(db) == 0, 60)
    assert states(db, batch) == {"done": 2, "queued": 4}
    wait_for("it has seen that it is drained", lambda: "drained: no new pages" in worker.log(), 30)
    assert worker.process.poll() is None, "it stays up"
    assert states(db, batch) == {"done": 2, "queued": 4}
    assert drain_workers(db, [report.owner], undo=True) == 1
    wait_until_finished(db, batch)
    assert_read_exactly_once(db, batch)


def test_a_file_that_failed_as_a_whole_is_read_to_its_last_page_when_it_is_retried(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = stack.database
    (tmp_path / "scans").mkdir()
    first, *others = (Image.fromarray(make_page(f"page {n}")) for n in range(4))
    first.save(tmp_path / "scans" / "four.tif", save_all=True, append_images=others)
    too_low = dataclasses.replace(stack, env=stack.env | {"OCRQ_MAX_PAGES": "3"})
    batch = too_low.submit(tmp_path / "scans").batch_id
    assert batch is not None
    assert states(db, batch) == {"failed": 1}
    assert retry_pages(db).pages == 1
    start_worker(stack)
    wait_until_finished(db, batch)
    assert states(db, batch) == {"done": 4}
    assert_read_exactly_once(db, batch)


def test_everything_paused_and_resumed(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = stack.database
    hold_everything(db)
    start_worker(stack)
    batch = stack.submit(draw_scans(tmp_path / "scans", 4)).batch_id
    assert batch is not None
    wait_for("the worker is known", lambda: len(report_workers(db)) == 1, 60)
    assert states(db, batch) == {"queued": 4}
    release_everything(db)
    wait_until_finished(db, batch)
    assert done(db, batch) == 4


def test_a_worker_of_another_schema_claims_nothing_and_says_so(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    stack = dataclasses.replace(stack, env=stack.env | {"OCRQ_DRAIN_S": "60"})
    db = stack.database
    batch = stack.submit(draw_scans(tmp_path / "scans", 6), "gated").batch_id
    assert batch is not None
    worker = start_worker(stack)
    wait_for("two pages are being read", lambda: leased(db) == 2, 60)
    set_schema(db, "0999")
    stack.open_gate()
    assert worker.process.wait(timeout=60) == ExitCode.STORE
    assert worker.log().count("no page is claimed any more") == 1
    assert "has schema 0999, this program needs" in worker.log()
    found = states(db, batch)
    assert found == {"done": 2, "queued": 4}, "what was being read is finished, no more begun"
    with db.read() as conn:
        charged = conn.execute(
            select(pages.c.id).where(pages.c.state == "queued", pages.c.attempts > 0)
        ).all()
    assert charged == []
    refused = start_worker(stack)
    assert refused.process.wait(timeout=60) == ExitCode.STORE
    assert states(db, batch) == found
    set_schema(db, SCHEMA_VERSION)
    start_worker(stack)
    wait_until_finished(db, batch)
    assert_read_exactly_once(db, batch)
