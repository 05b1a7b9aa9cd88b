"""A month of nights in some seconds: two workers, random restarts, both changes of the clocks.

The workers' Ringers are simulated at the level of `ScheduleWatch`: each looks now and then, fires
what is due and does intakes in which it may be killed at any step. Time is the database's, moved
by the tests. Each night a scan appears; each must be in exactly one batch in the end.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from store.database import Database
from store.intake import add_documents
from store.ringing import elect
from store.schedule_intake import (
    RunClaim,
    SeenFile,
    check_held,
    claim_run,
    finish_run,
    give_back_runs,
    known_files,
    remember_files,
    run_batch,
)
from store.schedule_runs import fire_due, run_history, run_now
from store.schedules import DUTY, LOOK_EVERY_S, RunKind, RunState
from store.windows import roll_windows
from tests.queueing import column, make_document
from tests.scheduling import go_to, local, make_plan, make_schedule

LEASE_S = 30.0
GRACE_S = 4 * 3600.0


class Killed(Exception):
    """The process is gone, whatever it was at."""


class SimulatedWorker:
    def __init__(self, db: Database, rng: random.Random, name: str) -> None:
        self._db = db
        self._rng = rng
        self._name = name
        self._life = 0
        self.is_mortal = True
        self.looks: list[datetime] = []  # at which it fired what was due
        self.down_until: datetime | None = None
        self.kills = 0

    @property
    def owner(self) -> str:
        return f"{self._name}:{self._life}"

    def look(self, now: datetime, scans: list[bytes]) -> None:
        """One look, if it is up."""
        if self.down_until is not None:
            if now < self.down_until:
                return
            self.down_until = None
            if self._rng.random() < 0.5:  # its supervisor had time to say so
                give_back_runs(self._db, self.owner)
            self._life += 1
        try:
            self._maybe_die(0.05)
            roll_windows(self._db)
            elect(self._db, DUTY, self.owner, LOOK_EVERY_S)
            # Whoever is elected: the compare-and-set alone must do.
            fire_due(self._db)
            self.looks.append(now)
            while (claim := claim_run(self._db, self.owner, LEASE_S)) is not None:
                self._maybe_die(0.2)
                self._take_in(claim, scans)
        except Killed:
            self.kills += 1
            self.down_until = now + timedelta(minutes=self._rng.choice([1, 20, 90]))

    def _take_in(self, claim: RunClaim, scans: list[bytes]) -> None:
        for start in range(0, len(scans), 16):
            chunk = scans[start : start + 16]
            known = known_files(self._db, claim.schedule.id, chunk)
            docs = [make_document(path) for path in chunk if path not in known]
            if not docs:
                continue
            batch = run_batch(self._db, claim, "hash")
            self._maybe_die(0.1)
            seen = [
                SeenFile(path=d.path, size_bytes=d.size_bytes, mtime_ns=d.mtime_ns, sha256=None)
                for d in docs
            ]

            def within(conn: Connection, seen: list[SeenFile] = seen) -> None:
                check_held(conn, claim)
                remember_files(conn, claim, seen)
                self._maybe_die(0.1)  # in the middle of the transaction

            add_documents(self._db, batch, docs, within=within)
            self._maybe_die(0.1)
        self._maybe_die(0.1)
        finish_run(self._db, claim, {})

    def _maybe_die(self, chance: float) -> None:
        if self.is_mortal and self._rng.random() < chance:
            raise Killed


def nights(first: date, count: int) -> list[datetime]:
    """When 02:30 comes in Berlin, worked out by hand: 03:00 where it is left out."""
    found = []
    for n in range(count):
        day = first + timedelta(days=n)
        at = "03:00" if day == date(2026, 3, 29) else "02:30"
        found.append(local(f"{day} {at}"))
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("first", "count", "seed"),
    [
        (date(2026, 3, 10), 31, 2),  # 02:30 on the 29th does not exist
        (date(2026, 10, 5), 31, 3),  # 02:30 on the 25th comes twice
    ],
    ids=["spring", "autumn"],
)
def test_every_night_of_a_month_runs_exactly_once(
    database: Database, first: date, count: int, seed: int
) -> None:
    rng = random.Random(seed)
    now, end = local(f"{first} 00:00"), local(f"{first + timedelta(days=count)} 00:00")
    go_to(database, now)
    schedule = make_schedule(database, plan=make_plan(window="2-6", grace_s=GRACE_S))
    workers = [SimulatedWorker(database, rng, name) for name in "ab"]
    due_at = nights(first, count)
    upcoming = list(due_at)
    # Once in the month nobody is there for half a day: that night is missed.
    outage = due_at[count // 2] - timedelta(hours=1), due_at[count // 2] + timedelta(hours=11)
    scans: list[bytes] = []
    while now < end:
        go_to(database, now)
        for worker in rng.sample(workers, 2):
            worker.look(now, scans)
        if upcoming and now >= upcoming[0]:
            upcoming.pop(0)
            scans.append(f"/scans/{len(scans)}.png".encode())
        step = timedelta(seconds=rng.expovariate(1 / 12_000))
        # Often exactly when it comes due, and seconds after.
        if upcoming and now + step > upcoming[0] > now and rng.random() < 0.8:
            step = upcoming[0] - now + timedelta(seconds=rng.choice([0, 0.001, 3, 40]))
        now += step
        if outage[0] <= now < outage[1]:
            now = outage[1]
    # What is under way comes to its end, and what was left is taken at last.
    run_now(database, schedule)
    for worker in workers:
        worker.is_mortal = False
    for minutes in (95, 96, 97):
        go_to(database, end + timedelta(minutes=minutes))
        for worker in workers:
            worker.look(end + timedelta(minutes=minutes), scans)

    runs = run_history(database, [schedule.id], 1000)
    by_night = {run.fire_at: run for run in runs if run.kind is not RunKind.MANUAL}
    assert sorted(by_night) == due_at
    assert len(runs) == count + 1
    looks = sorted(at for worker in workers for at in worker.looks)
    for at, run in by_night.items():
        if any(at <= look <= at + timedelta(seconds=GRACE_S) for look in looks):
            assert run.state in (RunState.SUBMITTED, RunState.EMPTY), at
        else:
            assert run.state is RunState.MISSED, at
    states = Counter(run.state for run in by_night.values())
    assert by_night[due_at[count // 2]].state is RunState.MISSED
    assert states[RunState.MISSED] <= 3
    assert sum(worker.kills for worker in workers) >= count // 3
    # Each scan is in exactly one batch, and each batch is complete.
    assert sorted(map(bytes, column(database, "SELECT path_bytes FROM documents"))) == sorted(scans)
    assert column(database, "SELECT count(*) FROM batches WHERE sealed_at IS NULL") == [0]
