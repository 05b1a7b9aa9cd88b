"""What a worker's tick does for schedules, and when it leaves them to others."""

from __future__ import annotations

import pytest

from store.database import Database
from tests.queueing import column, execute
from tests.scheduling import make_schedule
from worker.options import WorkerOptions
from worker.schedules import ScheduleWatch


def test_a_drained_worker_leaves_schedules_to_the_others(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScheduleWatch, "_start", lambda watch: None)
    db = Database.open(sqlite_url)
    make_schedule(db)
    execute(db, "UPDATE schedules SET next_at = created_at")
    drained, other = (ScheduleWatch(WorkerOptions(name=name, concurrency=1)) for name in ("a", "b"))
    drained.look(db, is_at_rest=True)
    assert column(db, "SELECT count(*) FROM schedule_runs") == [0]
    other.look(db)
    assert column(db, "SELECT state FROM schedule_runs") == ["firing"], (
        "nor does it stand in the way"
    )
