"""The Ringer: a thread of the Celery main that keeps work going, whatever was lost on the way.

It rings bells for pages that may be claimed, takes pages back from the dead, keeps the leases of
silent children, and does the small chores of the store. On a shared broker one Ringer is elected
for each turn; inside a worker (`memory://`) each rings for its own children.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable

from celery import Celery

import ocrq
from ocrq.config import Settings
from ocrq.errors import ExitCode, StaleSchema, StoreError
from store.batches import finish_batches
from store.claims import ready_count
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.failures import Death, reap
from store.partitions import keep_partitions
from store.postponing import wake_postponed
from store.ready import ClaimScope
from store.ringing import (
    WorkerInfo,
    count_slots,
    elect,
    leases_of,
    note_worker,
    renew_silent,
)
from store.turns import note_floors
from worker.bell_rope import BellRope
from worker.bells import is_embedded, most_bells
from worker.burials import Burials
from worker.child import lease_rules
from worker.fork_safe import MainDatabase
from worker.link import READY, STARTING, Link, Verdict
from worker.lost_pages import LOOK_EVERY_S, LostPages
from worker.options import WorkerOptions
from worker.requests import reserved_requests
from worker.schedules import ScheduleWatch
from worker.term import Term

logger = logging.getLogger(__name__)

#: How long the Ringer of a shared broker is elected for, and how often it looks meanwhile, so that
#: two bells a child last from one look to the next; both in ticks.
_TERM_TICKS = 4.0
_LOOK_TICKS = 0.25
#: Shortest time between two looks at the database when children report one page after another.
_SHORTEST_TURN_S = 0.02
_CHORES_EVERY_S = 5.0
_COMPLAIN_EVERY_S = 300.0
#: Beyond twice the children: starts without one that succeeds, and the worker gives up.
_VAIN_STARTS = 4
#: Pages and bells wait, yet no child held a page for so long: a fault that nobody knows yet.
STALLED_S = 300.0


class Ringer:
    """What the thread does; one object in each Celery main."""

    def __init__(
        self,
        app: Celery,
        settings: Settings,
        options: WorkerOptions,
        link: Link,
        leave: Callable[[Verdict], None],
    ) -> None:
        self._settings = settings
        self._options = options
        self._link = link
        self._leave = leave
        self._rules = lease_rules(settings)
        self._scope = ClaimScope(batch_id=options.batch_id, owner=options.name, task_id=None)
        self._embedded = is_embedded(settings.broker_url)
        self._db = MainDatabase(settings.sql_url)
        self._schedules = ScheduleWatch(options)
        self._burials = Burials(options.name, self._rules)
        self._term = Term(options.name, _TERM_TICKS * settings.tick_s)
        self._rope = BellRope(app, is_embedded=self._embedded)
        self._stalled_s = time.monotonic()  # since when nothing moves
        self._tick_s = 0.0
        self._turned_s = time.monotonic()  # the last turn with the database
        self._renewed_s = 0.0
        self._lost = LostPages(options.name)
        self._looked_s = 0.0  # for pages that children have lost
        self._chores_s = 0.0
        self._vain_starts = 0  # children that began to start since one was ready
        self._complaint = ""
        self._complained_s = 0.0
        self._wrote_s = time.monotonic()  # when the database last took something
        self._stale_s: float | None = None  # since when its schema is not ours

    def note_death(self, task_id: str, reason: Death | None) -> None:
        """The process of a task died; the page that it held is freed at the next turn.

        Without a reason nothing is charged to the page.
        """
        self._burials.note(task_id, reason)
        self._link.wake()

    def run(self, stopped: threading.Event) -> None:
        """Turn until told to stop; no trouble of database or broker ends it."""
        while not stopped.is_set():
            started_s = time.monotonic()
            try:
                self._turn(started_s)
            except StaleSchema as exc:
                self._retire(exc, started_s)
            except StoreError as exc:
                self._complain("the Ringer waits: %s", exc)
                self._run_out_of_patience(exc, started_s)
            except self._rope.errors as exc:  # an unknown one would end the worker
                self._complain("the Ringer cannot reach the broker: %s", exc)
                self._rope.hang_up()
            self._wait(started_s)
        self._rope.hang_up()

    def _retire(self, exc: StaleSchema, now_s: float) -> None:
        """Another ocrq owns the database now: start nothing, let running pages end, leave.

        What they read can often still be written, for a migration only adds; what cannot is given
        back and read by a worker that fits.
        """
        if self._stale_s is None:
            self._stale_s = now_s
            self._link.drain()
            logger.error("no page is claimed any more: %s", exc)
        is_late = now_s - self._stale_s > self._settings.drain_s
        if is_late or not self._reads_pages():
            self._leave(Verdict(exit_code=ExitCode.STORE, message=str(exc)))

    def _reads_pages(self) -> bool:
        try:
            with self._db.use() as db:
                return bool(leases_of(db, self._options.name))
        except StoreError:
            return False  # with a schema in which that cannot even be asked, nothing is written

    def _run_out_of_patience(self, exc: StoreError, now_s: float) -> None:
        """`ocrq run` has somebody waiting for it: it ends when the database takes nothing.

        A worker of all batches stays, and goes on when the database does.
        """
        waited_s = now_s - self._wrote_s
        if self._options.batch_id is not None and waited_s > self._settings.patience_s:
            self._leave(
                Verdict(
                    exit_code=ExitCode.STORE,
                    message=f"{exc}; nothing could be written for {waited_s:.0f} s",
                )
            )

    def _complain(self, sentence: str, exc: BaseException) -> None:
        """Log trouble that lasts, but not at every turn."""
        now_s = time.monotonic()
        if sentence != self._complaint or now_s - self._complained_s >= _COMPLAIN_EVERY_S:
            self._complaint, self._complained_s = sentence, now_s
            logger.warning(sentence, exc)

    def _wait(self, started_s: float) -> None:
        waited = [self._link.wake_fd, self._link.verdict_fd]
        is_ringer = not self._embedded and self._term.is_held(started_s)
        longest_s = self._settings.tick_s * (_LOOK_TICKS if is_ringer else 1.0)
        readable = select.select(waited, [], [], longest_s)[0]
        if self._link.verdict_fd in readable:
            self._leave(self._link.read_verdict())
        pause_s = _SHORTEST_TURN_S - (time.monotonic() - started_s)
        if pause_s > 0:
            time.sleep(pause_s)
        self._count_starts(self._link.read_news())

    def _count_starts(self, news: bytes) -> None:
        """Leave when children die while they start, one after the other: no page can be read.

        A library that this processor cannot run ends each of them without a word of ours.
        """
        for byte in news:
            if byte == READY[0]:
                self._vain_starts = 0
            elif byte == STARTING[0]:
                self._vain_starts += 1
        if self._vain_starts > 2 * self._options.concurrency + _VAIN_STARTS:
            self._leave(
                Verdict(
                    exit_code=ExitCode.MODEL,
                    message=f"the processes that read pages die while they load the engine"
                    f" {self._options.engine!r}; the log above says by which signal",
                )
            )

    def _turn(self, now_s: float) -> None:
        is_tick = now_s - self._tick_s >= self._settings.tick_s
        has_chores = now_s - self._chores_s >= _CHORES_EVERY_S
        with self._db.use() as db:
            began_s = db.clock.monotonic()
            if now_s - self._turned_s > self._rules.lease_s / 2:
                # The database was away, or this process was stopped; it may have been so for
                # others too, and their heartbeats are on their way.
                db.clock.wait_a_lease(self._rules.lease_s)
                self._lost = LostPages(self._options.name)  # children rest meanwhile
                self._stalled_s = now_s
            if has_chores:
                db.check_schema()
            self._burials.hold(db)
            at_work = {request.id for request in reserved_requests()}
            if at_work and now_s - self._renewed_s >= self._settings.heartbeat_s:
                self._renewed_s = now_s
                renew_silent(db, self._options.name, self._rules, at_work)
            if now_s - self._looked_s >= LOOK_EVERY_S:
                self._looked_s = now_s
                self._lost.look(db, now_s)
            if has_chores:
                self._chores_s = now_s
                self._chores(db)
            if self._link.draining:
                self._term.resign()  # a worker that is to stop is not elected
            is_elected = self._embedded or (not self._link.draining and self._term.stand(db, now_s))
            if is_elected and is_tick:
                self._tick_s = now_s
                if db.clock.monotonic() - began_s > self._rules.lease_s / 2:
                    # Something above waited for the lock of SQLite, and so did heartbeats.
                    db.clock.wait_a_lease(self._rules.lease_s)
                reap(db, self._rules)
                wake_postponed(db)
            is_reading = has_chores and bool(leases_of(db, self._options.name))
            ready = 0
            if is_elected or (has_chores and not is_reading):
                ready = ready_count(db, self._scope, self._most_bells(db))
        self._turned_s = now_s
        if is_elected and not (self._link.draining or (self._embedded and self._link.idle)):
            self._rope.ring(ready)
        if has_chores:
            self._watch(ready, now_s, is_reading=is_reading)

    def _most_bells(self, db: Database) -> int:
        """Some for each child that may hear them."""
        children = self._options.concurrency
        return most_bells(children if self._embedded else max(children, count_slots(db)))

    def _chores(self, db: Database) -> None:
        is_drained = note_worker(
            db,
            WorkerInfo(
                owner=self._options.name,
                host=socket.gethostname(),
                pid=os.getpid(),
                version=ocrq.__version__,
                device=self._options.device,
                concurrency=self._options.concurrency,
            ),
        )
        self._wrote_s = time.monotonic()
        if is_drained != self._link.idle:
            logger.warning("drained: no new pages" if is_drained else "no longer drained")
            self._link.idle = is_drained
        if elect(db, "chores", self._options.name, _CHORES_EVERY_S):
            revive_orphaned_duplicates(db)
            finish_batches(db)
            note_floors(db)
            keep_partitions(db)
        self._schedules.look(db, is_at_rest=self._link.draining or self._link.idle)

    def _watch(self, ready: int, now_s: float, *, is_reading: bool) -> None:
        """Leave when pages and bells wait and yet no child starts one: a fault without a name.

        Redis clients have had such faults year after year; a new process has always cured them.
        """
        is_at_rest = self._link.draining or self._link.idle
        if is_reading or not ready or is_at_rest or not self._rope.waiting():
            self._stalled_s = now_s
        self._stalled_s = max(self._stalled_s, self._link.last_hold_s())
        if now_s - self._stalled_s > STALLED_S:
            self._leave(
                Verdict(
                    exit_code=ExitCode.INTERNAL,
                    message=f"pages and bells wait but no page was started for {STALLED_S:.0f} s",
                )
            )
