"""A schedule that is due is fired by real workers, and its pages are read, once."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from store.schedule_intake import claim_run
from store.schedule_runs import run_history
from store.schedules import RunKind, RunState
from store.schema import schedules
from store.working import report_workers
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import Stack, assert_read_exactly_once, done, draw_scans
from tests.queueing import column
from tests.scheduling import make_plan, make_schedule
from tests.services import wait_for

pytestmark = pytest.mark.worker


def test_a_schedule_that_is_due_is_read_exactly_once(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = stack.database
    folder = draw_scans(tmp_path / "scans", 4)
    schedule = make_schedule(db, plan=make_plan(os.fsencode(folder), cron="0 0 1 1 *"))
    with db.write() as conn:  # due a moment ago
        due_at = db.now(conn) - timedelta(seconds=5)
        conn.execute(update(schedules).values(next_at=due_at))
    workers = [start_worker(stack, concurrency=1) for _ in range(2)]
    wait_for("both workers are up", lambda: len(report_workers(db)) == 2, 90.0)
    wait_for(
        "the schedule's batch is there",
        lambda: column(db, "SELECT count(*) FROM batches WHERE sealed_at IS NOT NULL") == [1],
        90.0,
    )
    batch_id = column(db, "SELECT id FROM batches")[0]
    wait_for("its pages are read", lambda: done(db, batch_id) == 4, 90.0)
    assert [worker.stop() for worker in workers] == [0, 0]
    assert_read_exactly_once(db, batch_id)
    runs = run_history(db, [schedule.id], 10)
    assert [(run.fire_at, run.kind, run.state) for run in runs] == [
        (due_at, RunKind.DUE, RunState.SUBMITTED)
    ]


def test_an_intake_that_died_is_taken_up_by_another_worker(
    embedded: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    db = embedded.database
    folder = draw_scans(tmp_path / "scans", 2)
    made = embedded.ocrq(
        *("schedule", "add", "nightly", folder, "--cron", "0 0 1 1 *", "--no-orient"),
        "--engine=tests.engines.fake:make_engine",
    )
    out, err = made.communicate(timeout=60)
    assert made.returncode == 0, err
    assert "next run" in out
    assert "No worker has looked for schedules yet" in err
    ran = embedded.ocrq("schedule", "run", "nightly")
    assert ran.wait(timeout=60) == 0
    assert claim_run(db, "a host that is gone", lease_s=3.0) is not None
    start_worker(embedded)
    wait_for(
        "the pages are read",
        lambda: column(db, "SELECT count(*) FROM pages WHERE state = 'done'") == [2],
        90.0,
    )
    # Pages are read while their intake goes on; the run is written down after the last of them.
    wait_for(
        "the run is written down",
        lambda: column(db, "SELECT state FROM schedule_runs") == ["submitted"],
        90.0,
    )
