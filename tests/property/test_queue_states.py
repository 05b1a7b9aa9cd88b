"""Whatever workers, crashes, clocks and users do to the queue, no page is lost or read twice."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import select

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import batch_of, finish_batches
from store.cancelling import cancel_batch
from store.claims import Claim, heartbeat, postpone, reap, release, release_owner
from store.clock import Clock
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.failures import attempt_failed, fail, task_died
from store.migrate import create_sqlite
from store.pausing import (
    hold_everything,
    pause_batch,
    release_everything,
    resume_batch,
    set_priority,
)
from store.postponing import wake_postponed
from store.pruning import prune_readings
from store.redoing import RedoFilter, redo_pages
from store.retrying import retry_pages
from store.schema import batches
from tests.queueing import OPTIONS, RULES, finish, make_batch, make_document, rows, take, try_take
from tests.readings import ENGINE

OWNERS = st.sampled_from(["one/0", "one/1", "two/0"])
_template: list[Path] = []


def new_database() -> tuple[Database, Path]:
    """A migrated database in a folder of its own, on a clock that only the test moves."""
    if not _template:
        _template.append(Path(tempfile.mkdtemp(prefix="ocrq-queue-")) / "ocrq.db")
        create_sqlite(_template[0])
    folder = Path(tempfile.mkdtemp(prefix="ocrq-queue-"))
    shutil.copy(_template[0], folder / "ocrq.db")
    clock = Clock(wall=lambda: 1_800_000_000.0, monotonic=lambda: 0.0)
    return Database.open(f"sqlite:///{folder / 'ocrq.db'}", clock=clock), folder


class Queue(RuleBasedStateMachine):
    """Every claim that was ever made may still be used by a process that does not know better."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.db, self.folder = new_database()
        self.pages = 0
        self.batches: list[int] = []
        self.tasks = 0
        self.fences: dict[int, int] = {}  # page -> the newest fence given out
        self.completed: dict[int, int] = {}  # page -> readings that were accepted
        self.events: set[int] = set()

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    @rule(pages=st.integers(1, 3), priority=st.sampled_from([3, 5]), copies=st.integers(0, 1))
    def submit(self, pages: int, priority: int, copies: int) -> None:
        documents = [
            make_document(f"{n}.tif", pages=pages, sha256="a" * 64) for n in range(1 + copies)
        ]
        batch = make_batch(self.db, *documents, priority=priority)
        self.batches.append(batch.id)

    @rule(target=claims, owner=OWNERS)
    def claim(self, owner: str) -> Any:
        self.tasks += 1
        found = try_take(self.db, owner=owner, task_id=f"task {self.tasks}")
        if found is None:
            return multiple()
        assert found.fence == self.fences.get(found.page_id, 0) + 1, "a fence was given twice"
        self.fences[found.page_id] = found.fence
        return found

    @rule(held=claims)
    def heartbeat(self, held: Claim) -> None:
        assert heartbeat(self.db, held, RULES) == self.is_owner(held)

    @rule(held=consumes(claims), text=st.sampled_from(["", "a b"]))
    def complete(self, held: Claim, text: str) -> None:
        expected = self.is_owner(held)
        assert finish(self.db, held, text) == expected
        if expected:
            self.completed[held.page_id] = self.completed.get(held.page_id, 0) + 1

    @rule(held=claims)
    def fail(self, held: Claim) -> None:
        expected = self.is_owner(held)
        assert fail(self.db, held, "code", "error") == expected

    @rule(held=claims)
    def attempt_failed(self, held: Claim) -> None:
        expected = self.is_owner(held)
        state = attempt_failed(self.db, held, "code", "error", RULES)
        assert (state is not None) == expected

    @rule(held=claims, delay_s=st.sampled_from([0.0, 5.0, 100.0]))
    def give_back(self, held: Claim, delay_s: float) -> None:
        expected = self.is_owner(held)
        if delay_s:
            assert postpone(self.db, held, "storage", "gone", delay_s) == expected
        else:
            assert release(self.db, held) == expected

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), reason=st.sampled_from(["killed", "deadline", "memory"]))
    def kill(self, data: st.DataObject, reason: Any) -> None:
        task_died(self.db, f"task {data.draw(st.integers(1, self.tasks))}", reason, RULES)

    @rule(owner=OWNERS)
    def stop_worker(self, owner: str) -> None:
        release_owner(self.db, owner)

    @rule(seconds=st.sampled_from([1.0, 16.0, 31.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.db.clock.advance(seconds)

    @rule(seconds=st.sampled_from([-40.0, 10.0, 4000.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.db.clock.jump(seconds)

    @rule()
    def tick(self) -> None:
        reap(self.db, RULES)
        wake_postponed(self.db)
        finish_batches(self.db)
        revive_orphaned_duplicates(self.db)

    @rule(batch=st.integers(0, 3))
    def cancel(self, batch: int) -> None:
        if batch < len(self.batches) - 1:
            cancel_batch(self.db, self.batches[batch])

    @rule()
    def retry(self) -> None:
        retry_pages(self.db)

    @rule(batch=st.integers(0, 3), is_paused=st.booleans())
    def pause_or_resume(self, batch: int, is_paused: bool) -> None:
        if batch < len(self.batches):
            with contextlib.suppress(UsageError):  # cancelled or done
                change = pause_batch if is_paused else resume_batch
                change(self.db, self.batches[batch])

    @rule(is_held=st.booleans())
    def hold_or_release(self, is_held: bool) -> None:
        (hold_everything if is_held else release_everything)(self.db)

    @rule(batch=st.integers(0, 3), priority=st.sampled_from([3, 5]))
    def change_priority(self, batch: int, priority: int) -> None:
        if batch < len(self.batches):
            with contextlib.suppress(UsageError):
                set_priority(self.db, self.batches[batch], priority)

    @rule(batch=st.integers(0, 3), clean=st.booleans())
    def redo(self, batch: int, clean: bool) -> None:
        if batch < len(self.batches):
            with self.db.read() as conn:
                found = batch_of(
                    conn.execute(select(batches).where(batches.c.id == self.batches[batch])).one()
                )
            options = dataclasses.replace(OPTIONS, clean=clean)
            with contextlib.suppress(UsageError):
                redo_pages(self.db, found, options, ENGINE, RedoFilter())

    @rule()
    def prune(self) -> None:
        prune_readings(self.db, self.db.clock.now())

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        found = rows(
            self.db,
            "SELECT p.*, (SELECT count(*) FROM readings r WHERE r.page_id = p.id) AS readings,"
            " b.finished_at, b.cancelled_at"
            " FROM pages p JOIN batches b ON b.id = p.batch_id",
        )
        assert len(found) >= self.pages, "a page is gone"
        self.pages = len(found)
        for page in found:
            state = PageState(page["state"])
            leased = state is PageState.LEASED
            done = state is PageState.DONE
            completed = self.completed.get(page["id"], 0)
            assert page["readings"] <= completed
            assert (page["readings"] > 0) == (completed > 0), "the current reading was pruned"
            # who waits to be read again keeps a reading; who was given up never had one
            assert (page["reading_id"] is not None) == (completed > 0)
            if done or state not in (PageState.QUEUED, PageState.LEASED):
                assert (completed > 0) == done
            assert (page["owner"] is not None) == (page["lease_until"] is not None) == leased
            assert page["fence"] == self.fences.get(page["id"], 0)
            assert 0 <= page["attempts"] <= min(page["fence"], RULES.max_attempts)
            if state in (PageState.QUEUED, PageState.LEASED):
                assert page["finished_at"] is None, "a batch was finished with pages to do"
                assert page["cancelled_at"] is None

    def is_owner(self, held: Claim) -> bool:
        """By the rows themselves, as an outsider would see it."""
        (page,) = rows(self.db, "SELECT state, fence FROM pages WHERE id = :i", i=held.page_id)
        return bool(page["state"] == PageState.LEASED and page["fence"] == held.fence)


Queue.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestQueue = Queue.TestCase


def test_every_page_comes_to_an_end_when_workers_keep_at_it() -> None:
    """Whatever was interrupted, reaping and claiming alone bring all pages to a final state."""
    db, folder = new_database()
    make_batch(db, pages=5)
    for number in range(40):
        held = try_take(db, task_id=str(number))
        if held is None:
            db.clock.advance(31.0)
            reap(db, RULES)
            held = try_take(db, task_id=str(number))
        if held is None:
            break
        if number % 3 == 0:
            continue  # the process vanished
        if number % 3 == 1:
            attempt_failed(db, held, "code", "error", RULES)
        else:
            finish(db, held)
    states = {row["state"] for row in rows(db, "SELECT state FROM pages")}
    assert states <= {"done", "failed", "quarantined"}
    db.close()
    shutil.rmtree(folder)


def test_a_done_page_is_never_claimed_again() -> None:
    db, folder = new_database()
    make_batch(db, pages=1)
    finish(db, take(db))
    db.clock.advance(1000.0)
    reap(db, RULES)
    assert try_take(db) is None
    db.close()
    shutil.rmtree(folder)
