"""Brings one fault of the plan upon a site."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from sqlalchemy import select

from ocrq.errors import StoreError
from ocrq.types import PageState
from store.schema import documents, pages
from tests.chaos.holders import Held, Watch, held_pages
from tests.chaos.plan import Fault, Step
from tests.chaos.proxy import Cut
from tests.chaos.scans import Press
from tests.chaos.site import LEASE_S, Site, processes_of
from tests.e2e.harness import WorkerProcess
from tests.services import wait_for

#: A page that chance struck so often is left alone: more would look like the page's own fault.
_MOST_HITS = 3
_STOPPED_S = 1.4 * LEASE_S
_OUTAGE_S = 1.4 * LEASE_S
_REDIS_OUTAGE_S = 3.0
_LONG_REDIS_OUTAGE_S = 20.0  # not scaled to the short lease
_DISK_FULL_S = 1.5
_END_S = 60.0  # of a supervisor that is told to stop
_START_S = 60.0


class Injector:
    """Strikes and mends."""

    def __init__(self, site: Site, watch: Watch, press: Press, rng: random.Random) -> None:
        self.struck: Counter[Fault] = Counter()
        self.spared: Counter[Fault] = Counter()  # there was nothing to strike
        self.gone: set[bytes] = set()  # scans that were taken away or changed
        self.skipped: dict[Fault, str] = {}
        self._site = site
        self._watch = watch
        self._press = press
        self._rng = rng
        self._mending: list[tuple[float, tuple[Callable[[], None], ...]]] = []
        self._acts: dict[Fault, Callable[[Step], bool]] = {
            Fault.KILL_CHILD: lambda step: self._strike_child(step, signal.SIGKILL),
            Fault.TERM_CHILD: lambda step: self._strike_child(step, signal.SIGTERM),
            Fault.STOP_CHILD: self._stop_child,
            Fault.KILL_MAIN: lambda step: self._strike_main(step, signal.SIGKILL),
            Fault.TERM_MAIN: lambda step: self._strike_main(step, signal.SIGTERM),
            Fault.KILL_SUPERVISOR: lambda step: self._strike_supervisor(step, signal.SIGKILL),
            Fault.TERM_SUPERVISOR: lambda step: self._strike_supervisor(step, signal.SIGTERM),
            Fault.STOP_WORKER: self._stop_worker,
            Fault.REDIS_FLUSH: self._flush_redis,
            Fault.REDIS_RESTART: self._restart_redis,
            Fault.REDIS_FREEZE: self._freeze_redis,
            Fault.REDIS_CLOSED: self._close_redis,
            Fault.REDIS_FREEZE_LONG: self._freeze_redis,
            Fault.REDIS_CLOSED_LONG: self._close_redis,
            Fault.POSTGRES_RESTART: self._restart_postgres,
            Fault.POSTGRES_TERMINATE: self._terminate_backend,
            Fault.COMMIT_LOST: self._cut_commit,
            Fault.COMMIT_UNANSWERED: self._cut_commit,
            Fault.DATABASE_FROZEN: self._freeze_database,
            Fault.DATABASE_CLOSED: self._close_database,
            Fault.DISK_FULL: self._fill_disk,
            Fault.STORAGE_AWAY: self._move_scans_away,
            Fault.SCAN_VANISHES: self._spoil_scan,
            Fault.SCAN_CHANGES: self._spoil_scan,
            Fault.HOST_CLOCK_JUMP: self._move_clock,
            Fault.SERVER_CLOCK_JUMP: self._move_clock,
        }
        if not site.disk.is_small:
            self.skipped[Fault.DISK_FULL] = "no tmpfs could be mounted here (needs root)"

    def strike(self, step: Step) -> bool:
        """Do it; False when there was nothing to strike just now."""
        if step.fault in self.skipped:
            return False
        if self._acts[step.fault](step):
            self.struck[step.fault] += 1
            if not self._is_anybody_left():
                self._watch.hold_still()
            return True
        self.spared[step.fault] += 1
        return False

    def _is_anybody_left(self) -> bool:
        """Whether a page child could go on with what the others have lost."""
        children = [child for worker in self._site.workers for child in worker.children()]
        return any(_is_awake(child) for child in children)

    def pause(self, seconds: float) -> None:
        """Wait, and end the outages that are over meanwhile.

        Here and not in threads: the kernel ends a server together with the thread that started it.
        """
        until_s = time.monotonic() + seconds
        while True:
            now_s = time.monotonic()
            over = [acts for due_s, acts in self._mending if due_s <= now_s]
            self._mending = [entry for entry in self._mending if entry[0] > now_s]
            for acts in over:
                for act in acts:
                    act()
            if now_s >= until_s:
                return
            time.sleep(0.02)

    def mend(self) -> None:
        """Wait until all outages are over."""
        while self._mending:
            self.pause(0.05)

    def _later(self, seconds: float, *acts: Callable[[], None]) -> None:
        self._mending.append((time.monotonic() + seconds, acts))

    # Processes

    def _worker(self, step: Step) -> WorkerProcess:
        """One that has page children: who only just starts has nothing to lose.

        On a busy machine faults would else come faster than workers start.
        """
        until_s = time.monotonic() + _START_S
        while time.monotonic() < until_s:
            ready = [worker for worker in self._site.workers if worker.children()]
            if ready:
                return ready[int(step.amount * len(ready))]
            self.pause(0.1)
            self._site.replace_dead_workers()
        return self._site.workers[0]

    def _may_be_struck(self, held: Held) -> bool:
        """Not a page that dies by itself, nor one that chance has struck too often."""
        is_good = (held.path, held.number) not in self._press.poisoned
        return is_good and self._watch.hits[held.page_id] < _MOST_HITS

    def _strike_child(self, step: Step, number: signal.Signals) -> bool:
        for _ in range(40):
            mine = {p.pid for worker in self._site.workers for p in worker.children()}
            busy = [h for h in held_pages(self._site.db) if h.pid in mine]
            busy = [h for h in busy if self._may_be_struck(h)]
            if busy:
                victim = busy[int(step.amount * len(busy))]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim.pid, number)
                    self._watch.note(step.fault, [victim])
                    return True
            time.sleep(0.05)
        return False

    def _held_by(self, processes: Sequence[psutil.Process]) -> list[Held] | None:
        """What these processes read; None when one of the pages is not to be struck."""
        pids = {p.pid for p in processes}
        held = [h for h in held_pages(self._site.db) if h.pid in pids]
        return held if all(map(self._may_be_struck, held)) else None

    def _strike_main(self, step: Step, number: signal.Signals) -> bool:
        worker = self._worker(step)
        main = worker.main()
        victims = self._held_by(processes_of(worker))
        if main is None or victims is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            main.send_signal(number)
        self._watch.note(step.fault, victims if number == signal.SIGKILL else [])
        return True

    def _strike_supervisor(self, step: Step, number: signal.Signals) -> bool:
        worker = self._worker(step)
        family = processes_of(worker)
        victims = self._held_by(family)
        if victims is None or worker.process.poll() is not None:
            return False
        worker.process.send_signal(number)
        until_s = time.monotonic() + _END_S
        while worker.process.poll() is None:
            assert time.monotonic() < until_s, "the supervisor does not end"
            self.pause(0.05)  # it may be stopped, and is only told to go on from there
        wait_for(
            "the kernel ended the main and the children of a supervisor",
            lambda: not any(p.is_running() and p.status() != "zombie" for p in family[1:]),
        )
        self._watch.note(step.fault, victims if number == signal.SIGKILL else [])
        self._site.replace_dead_workers()
        return True

    def _stop_child(self, step: Step) -> bool:
        mine = {p.pid for worker in self._site.workers for p in worker.children()}
        busy = [h for h in held_pages(self._site.db) if h.pid in mine and self._may_be_struck(h)]
        if not busy:
            return False
        victim = busy[int(step.amount * len(busy))]
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGSTOP)
        self._watch.hits[victim.page_id] += 1
        self._later(_STOPPED_S, lambda: self._go_on(step.fault, [victim.pid]))
        return True

    def _stop_worker(self, step: Step) -> bool:
        worker = self._worker(step)
        family = processes_of(worker)
        victims = self._held_by(family)
        if victims is None or len(family) < 3:
            return False
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        # The other worker goes on with what they held once the leases have run out.
        self._watch.note(step.fault, victims)
        self._later(_STOPPED_S, lambda: self._go_on(None, [p.pid for p in family]))
        return True

    def _go_on(self, fault: Fault | None, pids: Sequence[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        if fault is not None:
            self._watch.note(fault)

    # Redis

    def _flush_redis(self, step: Step) -> bool:
        assert self._site.redis is not None
        if self._mending:
            return False  # it may be away
        self._site.redis.flush()
        self._watch.note(step.fault)
        return True

    def _restart_redis(self, step: Step) -> bool:
        assert self._site.redis is not None
        self.mend()
        self._site.redis.stop()
        self._site.redis.start()
        self._watch.note(step.fault)
        return True

    def _freeze_redis(self, step: Step) -> bool:
        redis = self._site.redis
        assert redis is not None
        self.mend()
        redis.freeze()
        self._later(_redis_outage_s(step.fault), redis.thaw, lambda: self._after_outage(step.fault))
        return True

    def _close_redis(self, step: Step) -> bool:
        redis = self._site.redis
        assert redis is not None
        self.mend()
        redis.stop()
        self._later(
            _redis_outage_s(step.fault), redis.start, lambda: self._after_outage(step.fault)
        )
        return True

    # The database

    def _restart_postgres(self, step: Step) -> bool:
        postgres = self._site.postgres
        assert postgres is not None
        postgres.kill()
        postgres.launch()
        self._after_outage(step.fault)
        return True

    def _terminate_backend(self, step: Step) -> bool:
        postgres = self._site.postgres
        assert postgres is not None
        most = 1 if step.amount < 0.7 else 100
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE application_name = 'ocrq' AND datname <> 'postgres'"
            f" ORDER BY state = 'idle', random() LIMIT {most}) AS chosen"
        )
        self._watch.note(step.fault)
        return True

    def _cut_commit(self, step: Step) -> bool:
        assert self._site.proxy is not None
        where: Cut = "before" if step.fault is Fault.COMMIT_LOST else "after"
        of_results = step.amount < 0.6
        if not self._site.proxy.cut_next_commit(where, of_results=of_results, timeout_s=5.0):
            return False
        self._watch.note(step.fault)
        return True

    def _freeze_database(self, step: Step) -> bool:
        assert self._site.proxy is not None
        with self._site.proxy.frozen():
            time.sleep(_OUTAGE_S)
        self._after_outage(step.fault)
        return True

    def _close_database(self, step: Step) -> bool:
        assert self._site.proxy is not None
        self._site.proxy.close()
        time.sleep(_OUTAGE_S)
        self._site.proxy.open()
        self._after_outage(step.fault)
        return True

    def _fill_disk(self, step: Step) -> bool:
        self._site.disk.fill()
        time.sleep(_DISK_FULL_S)
        self._site.disk.relieve()
        self._after_outage(step.fault)
        return True

    def _after_outage(self, fault: Fault) -> None:
        self._watch.hold_still()
        self._watch.note(fault)

    # Scans

    def _move_scans_away(self, step: Step) -> bool:
        folders = self._waiting_scans(0.0)
        if not folders:
            return False
        folder = folders[0].parent
        aside = folder.with_name(f"{folder.name}.away")
        folder.rename(aside)
        time.sleep(0.5)
        aside.rename(folder)
        self._watch.note(step.fault)
        return True

    def _spoil_scan(self, step: Step) -> bool:
        found = self._waiting_scans(step.amount)
        if not found:
            return False
        path = found[0]
        self.gone.add(bytes(path))
        if step.fault is Fault.SCAN_VANISHES:
            path.unlink()
        else:
            other = path.with_name(f".{path.name}")
            other.write_bytes(path.read_bytes() + b"changed")
            other.replace(path)
        return True

    def _waiting_scans(self, share: float) -> list[Path]:
        """Scans whose first page waits, from so far down the queue on."""
        try:
            with self._site.db.read() as conn:
                rows = conn.execute(
                    select(documents.c.path_bytes)
                    .join_from(pages, documents, documents.c.id == pages.c.document_id)
                    .where(pages.c.state == PageState.QUEUED, pages.c.number == 1)
                    .where(documents.c.path_bytes.not_in(self.gone))
                    .order_by(pages.c.id)
                ).scalars()
                found = [Path(os.fsdecode(bytes(path))) for path in rows]
        except StoreError:
            return []
        return found[int(share * len(found)) :]

    # Clocks

    def _move_clock(self, step: Step) -> bool:
        """By half a lease up to an hour, forward or back, and after a while back to the truth."""
        sign = 1 if step.amount < 0.5 else -1
        seconds = sign * LEASE_S * 10 ** (3 * (2 * step.amount % 1))
        if step.fault is Fault.HOST_CLOCK_JUMP:
            self._site.clock.set(host_s=seconds)
        else:
            self._site.clock.set(server_s=seconds)
        self._watch.note(step.fault)
        return True


def _is_awake(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_STOPPED)
    return False


def _redis_outage_s(fault: Fault) -> float:
    is_long = fault in (Fault.REDIS_FREEZE_LONG, Fault.REDIS_CLOSED_LONG)
    return _LONG_REDIS_OUTAGE_S if is_long else _REDIS_OUTAGE_S
