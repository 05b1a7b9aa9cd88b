"""The Ringer: a thread of the Celery main that keeps work going, whatever was lost on the way.

It rings bells for pages that may be claimed, takes pages back from the dead, keeps the leases of
silent children, and does the small chores of the store. On a shared broker one Ringer is elected
for each turn; inside a worker (`memory://`) each rings for its own children.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery, bootsteps
from kombu import Connection
from kombu.exceptions import KombuError

import ocrq
from ocrq.config import Settings
from ocrq.errors import ExitCode, StaleSchema, StoreError
from ocrq.types import PageState
from store.batches import finish_batches
from store.claims import ready_count
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.failures import Death, reap, task_died
from store.partitions import ensure_partitions
from store.postponing import wake_postponed
from store.ready import ClaimScope
from store.ringing import (
    WorkerInfo,
    count_slots,
    elect,
    keep_duty,
    leases_of,
    note_worker,
    renew_silent,
    stand_for,
)
from store.turns import note_floors
from store.unsettled import give_back
from worker.bells import TASK_NAME, is_embedded, limit_bells, most_bells, waiting_bells
from worker.child import lease_rules
from worker.fork_safe import MainDatabase
from worker.link import READY, STARTING, Link, Verdict
from worker.lost_pages import LOOK_EVERY_S, LostPages
from worker.options import WorkerOptions
from worker.requests import active_requests, reserved_requests
from worker.schedules import ScheduleWatch

logger = logging.getLogger(__name__)

#: How long the Ringer of a shared broker is elected for, and how often it looks meanwhile, so that
#: two bells a child last from one look to the next; both in ticks.
_TERM_TICKS = 4.0
_LOOK_TICKS = 0.25
#: The last part of its term, in which a Ringer goes on with another one. Else all would stand for
#: it at the same moment, each time.
_RENEWED_BEFORE = 0.25
#: Shortest time between two looks at the database when children report one page after another.
_SHORTEST_TURN_S = 0.02
_CHORES_EVERY_S = 5.0
_COMPLAIN_EVERY_S = 30.0
#: Pause of a page whose result could not be written: the database was frozen.
_UNWRITTEN_PAUSE_S = 5.0
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
        self._app = app
        self._settings = settings
        self._options = options
        self._link = link
        self._leave = leave
        self._rules = lease_rules(settings)
        self._scope = ClaimScope(batch_id=options.batch_id, owner=options.name, task_id=None)
        self._embedded = is_embedded(settings.broker_url)
        self._db = MainDatabase(settings.sql_url)
        self._schedules = ScheduleWatch(options)
        self._deaths: queue.SimpleQueue[tuple[str, Death | None]] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._stalled_s = time.monotonic()  # since when nothing moves
        self._tick_s = 0.0
        self._term_ends_s = 0.0  # until when it is the Ringer of a shared broker
        self._stand_s = 0.0  # when it stands for that again
        self._turned_s = time.monotonic()  # the last turn with the database
        self._renewed_s = 0.0
        self._lost = LostPages(options.name)
        self._looked_s = 0.0  # for pages that children have lost
        self._chores_s = 0.0
        self._vain_starts = 0  # children that began to start since one was ready
        self._complained_s = -_COMPLAIN_EVERY_S
        self._wrote_s = time.monotonic()  # when the database last took something
        self._stale_s: float | None = None  # since when its schema is not ours
        # An unknown error would end the thread, and with it the worker (threading.excepthook).
        self._broker_errors: tuple[type[BaseException], ...] = (
            OSError,
            KombuError,
            *app.connection_for_write().recoverable_connection_errors,
        )

    def note_death(self, task_id: str, reason: Death | None) -> None:
        """The process of a task died; the page that it held is freed at the next turn.

        Without a reason nothing is charged to the page.
        """
        self._deaths.put((task_id, reason))
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
            except self._broker_errors as exc:
                self._complain("the Ringer cannot reach the broker: %s", exc)
                self._hang_up()
            self._wait(started_s)
        self._hang_up()

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
        if now_s - self._complained_s >= _COMPLAIN_EVERY_S:
            self._complained_s = now_s
            logger.warning(sentence, exc)

    def _wait(self, started_s: float) -> None:
        waited = [self._link.wake_fd, self._link.verdict_fd]
        is_ringer = not self._embedded and started_s < self._term_ends_s
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
            if now_s - self._turned_s > self._rules.lease_s / 2:
                # The database was away, or this process was stopped; it may have been so for
                # others too, and their heartbeats are on their way.
                db.clock.wait_a_lease(self._rules.lease_s)
                self._lost = LostPages(self._options.name)  # children rest meanwhile
            if has_chores:
                db.check_schema()
            self._bury(db)
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
            is_elected = self._embedded or self._stand(db, now_s)
            if is_elected and is_tick:
                self._tick_s = now_s
                reap(db, self._rules)
                wake_postponed(db)
            is_reading = has_chores and bool(leases_of(db, self._options.name))
            ready = 0
            if is_elected or (has_chores and not is_reading):
                ready = ready_count(db, self._scope, self._most_bells(db))
        self._turned_s = now_s
        if is_elected:
            self._ring(ready)
        if has_chores:
            self._watch(ready, now_s, is_reading=is_reading)

    def _stand(self, db: Database, now_s: float) -> bool:
        """Whether this is the Ringer of the shared broker; a worker that is to stop is not."""
        term_s = _TERM_TICKS * self._settings.tick_s
        if self._link.draining:
            self._term_ends_s = 0.0
        elif now_s < self._term_ends_s <= now_s + _RENEWED_BEFORE * term_s:
            if keep_duty(db, "ringer", self._options.name, term_s):
                self._stand_s = self._term_ends_s = now_s + term_s
        elif now_s >= self._stand_s:
            wait_s = stand_for(db, "ringer", self._options.name, term_s)
            if wait_s == 0:
                self._term_ends_s = now_s + term_s
            self._stand_s = now_s + (wait_s or term_s)
        return now_s < self._term_ends_s

    def _most_bells(self, db: Database) -> int:
        """Some for each child that may hear them."""
        children = self._options.concurrency
        return most_bells(children if self._embedded else max(children, count_slots(db)))

    def _bury(self, db: Database) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                task_id, reason = self._deaths.get_nowait()
                try:
                    state = self._free(db, task_id, reason)
                except StoreError:
                    self._deaths.put((task_id, reason))
                    raise
                if state is not None:
                    logger.warning("a page's process died (%s): the page is %s", reason, state)

    def _free(self, db: Database, task_id: str, reason: Death | None) -> PageState | None:
        name = self._options.name
        if reason is not None:
            return task_died(db, task_id, reason, self._rules, name)
        if give_back(db, task_id, _UNWRITTEN_PAUSE_S, name):
            logger.warning("a page was given back: its result could not be written in time")
        return None

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
            ensure_partitions(db)
        self._schedules.look(db, is_at_rest=self._link.draining or self._link.idle)

    def _ring(self, ready: int) -> None:
        """Ring the bells that are missing for pages that may be claimed."""
        if self._link.draining or (self._embedded and self._link.idle):
            return
        missing = ready - self._waiting()
        if missing > 0 and self._connection is not None and not self._embedded:
            limit_bells(self._connection, ready)  # others may ring at the same moment
        for _ in range(missing):
            self._app.send_task(TASK_NAME, connection=self._connection, retry=False)

    def _waiting(self) -> int:
        """Bells that no child has answered yet."""
        if self._connection is None:
            self._connection = self._app.connection_for_write()
        waiting = waiting_bells(self._connection)
        if self._embedded:  # those that this process has taken, but no child
            waiting += len(reserved_requests()) - len(active_requests())
        return waiting

    def _watch(self, ready: int, now_s: float, *, is_reading: bool) -> None:
        """Leave when pages and bells wait and yet no child starts one: a fault without a name.

        Redis clients have had such faults year after year; a new process has always cured them.
        """
        is_at_rest = self._link.draining or self._link.idle
        if is_reading or not ready or is_at_rest or not self._waiting():
            self._stalled_s = now_s
        self._stalled_s = max(self._stalled_s, self._link.last_hold_s())
        if now_s - self._stalled_s > STALLED_S:
            self._leave(
                Verdict(
                    exit_code=ExitCode.INTERNAL,
                    message=f"pages and bells wait but no page was started for {STALLED_S:.0f} s",
                )
            )

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*self._broker_errors):
                connection.release()


class RingerStep(bootsteps.StartStopStep):
    """Starts the Ringer with the worker and stops it with it."""

    requires = ("celery.worker.components:Pool",)
    ringer: Ringer

    def __init__(self, worker: Any, **_kwargs: Any) -> None:
        self._stopped = threading.Event()

    @classmethod
    def bound_to(cls, ringer: Ringer) -> type[RingerStep]:
        """The step for one Ringer: Celery wants a class and makes the object itself."""
        return type("BoundRingerStep", (cls,), {"ringer": ringer})

    def start(self, worker: Any) -> None:
        """Begin turning once the children have been forked."""
        # A child that dies while it starts is replaced like any other; Celery would end the whole
        # worker, but only if it happens to look just then. The Ringer counts such deaths.
        worker.pool.did_start_ok = lambda: True
        threading.Thread(
            target=self.ringer.run, args=(self._stopped,), daemon=True, name="ringer"
        ).start()

    def stop(self, worker: Any) -> None:
        """Turn no more."""
        self._stopped.set()
