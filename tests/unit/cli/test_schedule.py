from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.time_zones import local_zone
from store.database import Database
from store.ringing import elect
from store.schedule_intake import claim_run, finish_run
from store.schedule_runs import fire_due
from store.schedules import DUTY, LOOK_EVERY_S
from tests.cli_runner import Ocrq, make_ocrq
from tests.queueing import column, execute, rows
from worker.intake import SubmitOptions

_ENGINE = ("--engine", "tests.engines.fake:make_engine")
_CRON = ("--cron", "30 2 * * *", "--timezone", "Europe/Berlin")


@pytest.fixture
def scans(tmp_path: Path) -> str:
    folder = tmp_path / "scans"
    folder.mkdir()
    return str(folder)


def test_a_schedule_is_added_and_listed(ocrq: Ocrq, scans: str, db: Database) -> None:
    added = ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE, "--window", "2-6")
    assert added.exit_code == 0, added.output
    assert "nightly: next run " in added.stdout
    assert "within 02:00-06:00 Europe/Berlin" in added.stdout
    assert "No worker has looked for schedules yet" in added.stderr
    listed = ocrq("schedule", "list")
    assert "30 2 * * * Europe/Berlin" in listed.stdout
    found = json.loads(ocrq("schedule", "list", "--json").stdout)
    assert [(s["name"], s["paths"], s["last"]) for s in found] == [("nightly", [scans], None)]
    assert found[0]["grace_s"] == 21600.0
    assert "nightly" in ocrq("status").stdout
    assert json.loads(ocrq("status", "--json").stdout) == []  # the batches alone, as ever
    elect(db, DUTY, "a", LOOK_EVERY_S)
    assert ocrq("schedule", "list").stderr == ""
    db.clock.advance(-7200.0)
    execute(db, "DELETE FROM duties")
    elect(db, DUTY, "a", LOOK_EVERY_S)
    assert "for 2 h 0 min" in ocrq("schedule", "list").stderr


def test_a_folder_is_looked_for_where_this_host_mounts_it(
    scans: str, db: Database, tmp_path: Path
) -> None:
    here = {"OCRQ_DATABASE_URL": db.url, "OCRQ_PATH_MAP": f"/srv/scans={scans}"}
    ocrq = make_ocrq(tmp_path / "home", **here)
    added = ocrq("schedule", "add", "nightly", "/srv/scans", *_CRON, *_ENGINE)
    assert added.exit_code == 0, added.output
    assert '"/srv/scans"' in ocrq("schedule", "list", "--json").stdout
    assert ocrq("schedule", "add", "other", "/srv/no", *_CRON, *_ENGINE).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cron", "0 0 30 2 *"), "never comes due"),
        (("--cron", "half past two"), "five fields"),
        ((*_CRON, "--timezone", "Europe/Berlim"), "near: Europe/Berlin"),
        ((*_CRON, "--timezone", ""), "there is no time zone ''"),
        ((*_CRON, "--window", "2-2"), "window"),
        ((*_CRON, "--grace", "soon"), "not a length of time"),
        ((*_CRON, "--grace", "1s"), "60 s at least"),
        ((*_CRON, "--engine", "no"), "there is no engine 'no'"),
        ((*_CRON, "--dpi", "1"), "dpi"),
        ((*_CRON, "/no/such/folder"), "/no/such/folder does not exist"),
        ((), "--cron"),
    ],
)
def test_bad_input_changes_nothing(
    ocrq: Ocrq, scans: str, db: Database, arguments: tuple[str, ...], message: str
) -> None:
    result = ocrq("schedule", "add", "nightly", scans, *_ENGINE, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert rows(db, "SELECT * FROM schedules") == []


def test_a_name_that_is_taken_and_one_that_is_not_there(ocrq: Ocrq, scans: str) -> None:
    assert ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE).exit_code == 0
    again = ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE)
    assert (again.exit_code, "already" in again.stderr) == (2, True)
    for word in ("run", "pause", "resume", "remove", "history"):
        result = ocrq("schedule", word, "nighly")
        assert (result.exit_code, "did you mean nightly?" in result.stderr) == (2, True), word


def test_pause_run_history_resume_and_remove(ocrq: Ocrq, scans: str, db: Database) -> None:
    ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE)
    assert "no run yet" in ocrq("schedule", "history", "nightly").stdout
    assert ocrq("schedule", "pause", "nightly").stdout == "nightly: paused\n"
    assert "already" in ocrq("schedule", "pause", "nightly").stdout
    assert "paused" in ocrq("schedule", "list").stdout
    assert json.loads(ocrq("schedule", "list", "--json").stdout)[0]["next_at"] is None
    ran = json.loads(ocrq("schedule", "run", "nightly", "--json").stdout)
    assert (ran["kind"], ran["state"]) == ("manual", "firing")
    assert "waits for its intake" in ocrq("schedule", "history", "nightly").stdout
    claim = claim_run(db, "a", 30.0)
    assert claim is not None
    assert "looked through" in ocrq("schedule", "history", "nightly").stdout
    finish_run(db, claim, {}, error="the roof is\nleaking")
    assert "failed: the roof is\\nleaking" in ocrq("schedule", "list").stdout
    resumed = json.loads(ocrq("schedule", "resume", "nightly", "--json").stdout)
    assert resumed["changed"] is True
    assert "was not paused" in ocrq("schedule", "resume", "nightly").stdout
    execute(db, "UPDATE schedules SET next_at = '2026-01-05 01:30:00.000000Z'")
    fire_due(db)
    history = json.loads(ocrq("schedule", "history", "nightly", "--limit", "1000", "--json").stdout)
    assert {run["state"] for run in history} >= {"failed", "missed"}
    assert ocrq("schedule", "remove", "nightly").stdout == "nightly: removed\n"
    assert "No schedule yet" in ocrq("schedule", "list").stdout


def test_the_runs_of_a_removed_schedule_can_be_read(ocrq: Ocrq, scans: str, db: Database) -> None:
    ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE)
    ocrq("schedule", "remove", "nightly")
    assert "removed; it never ran" in ocrq("schedule", "history", "nightly").stdout
    for number in (1, 2):
        ocrq("schedule", "add", "nightly", scans, *_CRON, *_ENGINE)
        ocrq("schedule", "run", "nightly")
        ocrq("schedule", "remove", "nightly")
        history = json.loads(ocrq("schedule", "history", "nightly", "--json").stdout)
        assert [run["error"] for run in history] == number * ["the schedule was removed first"]
    gone = ocrq("schedule", "run", "nightly")
    assert (gone.exit_code, "was removed" in gone.stderr) == (2, True)


def test_a_submit_with_a_window_says_so(ocrq: Ocrq, tmp_path: Path, db: Database) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no scan")
    now = datetime.now(UTC)
    hours = f"{(now + timedelta(hours=2)):%H:%M}-{(now + timedelta(hours=3)):%H:%M}"
    window = ("--window", hours, "--timezone", "UTC")
    result = ocrq("submit", os.fspath(path), "--batch", "b", *_ENGINE, *window)
    assert result.exit_code == 0, result.output
    assert f"within {hours} UTC only" in result.stderr
    assert column(db, "SELECT time_window FROM batches") == [f"{hours} UTC"]
    execute(db, "UPDATE pages SET state = 'queued'")
    assert f"waits for its window, {hours} UTC" in ocrq("status", "b").stdout
    execute(db, f"UPDATE batches SET time_window = '{hours} Asia/Tokyo'")
    assert " JST on)" in ocrq("status", "b").stdout, "one zone for both times"
    execute(db, f"UPDATE batches SET time_window = '{hours} UTC'")
    empty = ocrq("submit", os.fspath(path), "--window", hours, "--timezone", "", *_ENGINE)
    assert (empty.exit_code, "there is no time zone ''" in empty.stderr) == (2, True)
    alone = ocrq("submit", os.fspath(path), "--timezone", "UTC", *_ENGINE)
    assert (alone.exit_code, "--window" in alone.stderr) == (2, True)
    other = ocrq("submit", os.fspath(path), "--batch", "b", *_ENGINE, "--window", "1-2")
    assert (other.exit_code, "another --batch" in other.stderr) == (2, True)
    assert SubmitOptions().window is None


def test_the_zone_of_this_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    assert local_zone({}, link) == "UTC"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert local_zone({}, link) == "Europe/Berlin"
    assert local_zone({"TZ": "America/New_York"}, link) == "America/New_York"
    assert local_zone({"TZ": "CET-1CEST"}, link) == "Europe/Berlin"
