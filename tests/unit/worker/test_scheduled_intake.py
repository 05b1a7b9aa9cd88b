"""What the intake of a schedule takes from real folders, run after run."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocrq.config import Settings
from store.database import Database
from store.schedule_intake import claim_run
from store.schedule_runs import ScheduleRun, run_history, run_now
from store.schedules import RunState, Schedule
from tests.queueing import column, execute, rows
from tests.scheduling import make_plan, make_schedule
from tests.services import wait_for
from worker.options import WorkerOptions
from worker.prober import Prober
from worker.scheduled_intake import take_in
from worker.schedules import ScheduleWatch
from worker.walk import FoundFile

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)

Run = Callable[[], ScheduleRun]


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scans"
    made.mkdir()
    return made


@pytest.fixture
def schedule(db: Database, folder: Path) -> Schedule:
    return make_schedule(db, plan=make_plan(os.fsencode(folder)))


@pytest.fixture
def run(db: Database, settings: Settings, schedule: Schedule) -> Run:
    """Run the schedule now and do its intake."""

    def once() -> ScheduleRun:
        db.clock.advance(1.0)
        run_now(db, schedule)
        take_in(db, settings, "test")
        return run_history(db, [schedule.id], 1)[0]

    return once


def write(path: Path, number: int) -> Path:
    """A scan that is like no other: what stands behind the picture is no part of it."""
    path.write_bytes(PNG + f"scan {number}".encode())
    return path


def paths_of(db: Database, batch: str | None) -> list[str]:
    found = column(
        db,
        "SELECT d.path FROM documents d JOIN batches b ON b.id = d.batch_id"
        " WHERE b.name = :batch ORDER BY d.id",
        batch=batch,
    )
    return [Path(path).name for path in found]


def test_each_run_takes_what_is_new_or_changed(db: Database, folder: Path, run: Run) -> None:
    write(folder / "a.png", 1)
    write(folder / "b.png", 2)
    first = run()
    assert (first.state, paths_of(db, first.batch)) == (RunState.SUBMITTED, ["a.png", "b.png"])
    assert run().state is RunState.EMPTY
    write(folder / "b.png", 3)
    write(folder / "c.png", 4)
    second = run()
    assert paths_of(db, second.batch) == ["b.png", "c.png"]
    assert second.intake["new_pages"] == 2
    assert (second.intake["files"], second.intake["known"]) == (3, 1)
    assert run().state is RunState.EMPTY
    assert column(db, "SELECT count(*) FROM batches") == [2]


def test_a_touched_but_equal_file_is_hashed_once_and_not_read_again(
    db: Database, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.png", 1)
    run()
    looked: list[bytes] = []
    probe = Prober.probe

    def noted(self: Prober, file: FoundFile, known_sha256: str | None) -> object:
        looked.append(file.path)
        return probe(self, file, known_sha256)

    monkeypatch.setattr(Prober, "probe", noted)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert run().state is RunState.EMPTY
    assert len(looked) == 1
    assert run().state is RunState.EMPTY
    assert len(looked) == 1  # its new time is known now
    assert column(db, "SELECT count(*) FROM documents") == [1]


def test_what_is_broken_is_named_once_and_what_the_moment_broke_is_tried_again(
    db: Database, folder: Path, run: Run
) -> None:
    (folder / "torn.png").write_bytes(PNG[:30])
    first = run()
    assert first.intake["unreadable_pages"] == 1
    assert run().state is RunState.EMPTY
    link = folder / "a.png"
    link.write_bytes(PNG)
    link.chmod(0)
    if os.access(link, os.R_OK):  # root may read everything
        return
    assert run().state is RunState.SUBMITTED
    link.chmod(0o600)
    assert paths_of(db, run().batch) == ["a.png"]


def test_the_same_content_elsewhere_is_a_link(db: Database, folder: Path, run: Run) -> None:
    write(folder / "a.png", 1)
    run()
    write(folder / "copy.png", 1)
    assert run().intake["duplicates"] == 1


def test_a_path_that_is_gone_fails_the_run_and_the_others_are_taken(
    db: Database, folder: Path, settings: Settings, tmp_path: Path
) -> None:
    write(folder / "a.png", 1)
    gone = os.fsencode(tmp_path / "gone")
    half = make_schedule(db, "half", make_plan(gone, os.fsencode(folder)))
    none = make_schedule(db, "none", make_plan(gone))
    for made in (half, none):
        run_now(db, made)
    assert take_in(db, settings, "test") == 2
    found = [run_history(db, [made.id], 1)[0] for made in (half, none)]
    assert [run.state for run in found] == [RunState.FAILED, RunState.FAILED]
    assert paths_of(db, found[0].batch) == ["a.png"]
    assert "gone" in (found[0].error or "")
    assert "the other paths" in (found[0].error or "")
    assert found[1].batch is None
    assert column(db, "SELECT count(*) FROM batches WHERE sealed_at IS NULL") == [0]


def test_an_engine_that_is_gone_fails_the_run_in_words(
    db: Database, folder: Path, settings: Settings
) -> None:
    write(folder / "a.png", 1)
    made = make_schedule(db, "odd", make_plan(os.fsencode(folder), engine="no_such_engine"))
    run_now(db, made)
    take_in(db, settings, "test")
    found = run_history(db, [made.id], 1)[0]
    assert found.state is RunState.FAILED
    assert "no_such_engine" in (found.error or "")


def test_a_broken_off_intake_goes_on_where_it_was(
    db: Database, folder: Path, settings: Settings, schedule: Schedule, run: Run
) -> None:
    write(folder / "a.png", 1)
    write(folder / "b.png", 2)
    run()
    execute(db, "DELETE FROM schedule_files WHERE sha256 IS NOT NULL")  # as if it had died before
    execute(db, "UPDATE schedule_runs SET state = 'intake', owner = 'dead'")
    assert take_in(db, settings, "test") == 1
    assert column(db, "SELECT count(*) FROM documents") == [2]
    found = run_history(db, [schedule.id], 1)[0]
    assert found.intake["new_documents"] == 2
    assert column(db, "SELECT count(*) FROM schedule_files") == [2]


def test_paths_of_another_host_are_walked_where_they_are_mounted_here(
    db: Database, folder: Path, settings: Settings
) -> None:
    (folder / "below").mkdir()
    write(folder / "below" / "a.png", 1)
    here = dataclasses.replace(settings, path_map=f"/nas/scans={folder}")
    made = make_schedule(db, plan=make_plan(b"/nas/scans/below"))
    for expected in (RunState.SUBMITTED, RunState.EMPTY):
        db.clock.advance(1.0)
        run_now(db, made)
        take_in(db, here, "test")
        assert run_history(db, [made.id], 1)[0].state is expected
    assert column(db, "SELECT path FROM documents") == ["/nas/scans/below/a.png"]


def test_the_hash_of_a_file_is_known_by_the_path_that_the_schedule_names(
    db: Database, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.png", 1)
    here = dataclasses.replace(settings, path_map=f"/nas/scans={folder}")
    known: list[str | None] = []
    probe = Prober.probe

    def noted(self: Prober, file: FoundFile, known_sha256: str | None) -> object:
        known.append(known_sha256)
        return probe(self, file, known_sha256)

    monkeypatch.setattr(Prober, "probe", noted)
    for name in ("first", "second"):
        run_now(db, make_schedule(db, name, make_plan(b"/nas/scans")))
        take_in(db, here, "test")
    assert known == [None, *column(db, "SELECT sha256 FROM documents WHERE id = 1")]


def test_the_worker_of_a_run_command_fires_nothing(db: Database, schedule: Schedule) -> None:
    execute(db, "UPDATE schedules SET next_at = created_at")
    ScheduleWatch(WorkerOptions(name="run:1", concurrency=1, batch_id=7)).look(db)
    assert rows(db, "SELECT * FROM schedule_runs") == []
    assert rows(db, "SELECT * FROM duties") == []


def test_a_watch_starts_a_process_that_does_the_intake(
    db: Database, folder: Path, schedule: Schedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.png", 1)
    monkeypatch.setenv("OCRQ_DATABASE_URL", db.url)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    execute(db, "UPDATE schedules SET next_at = created_at")
    watch = ScheduleWatch(WorkerOptions(name="test:1", concurrency=1))
    watch.look(db)
    assert watch._intake is not None
    wait_for(
        "the intake is done",
        lambda: run_history(db, [schedule.id], 1)[0].state is RunState.SUBMITTED,
        60.0,
    )
    assert watch._intake.wait(60.0) == 0
    assert claim_run(db, "other", 30.0) is None
