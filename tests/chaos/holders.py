"""Who holds which page just now, and how long a page that lost its holder waits for another."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ocrq.errors import StoreError
from ocrq.types import PageState
from store.database import Database
from store.schema import documents, pages
from tests.chaos.plan import Fault

_LOOK_EVERY_S = 0.05
#: Each says that work goes on: a poisoned page that was read to its quarantine, too.
_FINAL = (PageState.DONE, PageState.FAILED, PageState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Held:
    """A page and who reads it."""

    page_id: int
    fence: int
    pid: int  # of the page child
    worker: str  # its worker's name
    path: bytes
    number: int  # of the page in its document, from 1


def held_pages(db: Database) -> list[Held]:
    """All leases of this moment; none while the database is away."""
    try:
        with db.read() as conn:
            rows = conn.execute(
                select(pages.c.id, pages.c.fence, pages.c.owner, pages.c.number)
                .add_columns(documents.c.path_bytes)
                .join_from(pages, documents, documents.c.id == pages.c.document_id)
                .where(pages.c.state == PageState.LEASED)
                .order_by(pages.c.id)
            ).all()
    except StoreError:
        return []
    found = []
    for row in rows:
        worker, _, pid = row.owner.partition("/")
        found.append(Held(row.id, row.fence, int(pid), worker, bytes(row.path_bytes), row.number))
    return found


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    since_s: float
    fences: dict[int, int]  # page -> fence under which its reader was lost; empty: any page
    done_before: int


class Watch:
    """Measures for each fault how long it took until work went on.

    A fault that takes readers away is over when each page that they held was claimed again, or
    has its final state; any other one when some page has got one. What follows an outage is counted
    from its end, also for faults that struck before it; and so it is with a fault that leaves
    nobody who could read: what was lost before it waits for a new worker as well.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.resume_s: dict[Fault, list[float]] = {}
        self.hits: Counter[int] = Counter()  # page -> faults that took its reader away
        self.done = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def note(self, fault: Fault, victims: Iterable[Held] = ()) -> None:
        """A fault has struck, or an outage has ended, just now."""
        fences = {held.page_id: held.fence for held in victims}
        with self._lock:
            self.hits.update(fences)
            self._waiting.append(_Waiting(fault, time.monotonic(), fences, self.done))

    def hold_still(self) -> None:
        """Nothing could go on until now: an outage has ended, or the last reader is gone."""
        with self._lock:
            for waiting in self._waiting:
                waiting.since_s = time.monotonic()

    @property
    def pending(self) -> list[tuple[Fault, float]]:
        """Faults whose work has not gone on yet, and since when, s ago."""
        now_s = time.monotonic()
        with self._lock:
            return [(w.fault, now_s - w.since_s) for w in self._waiting]

    def _run(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            try:
                self._look()
            except StoreError:
                continue

    def _look(self) -> None:
        with self._lock:
            wanted = {page_id for w in self._waiting for page_id in w.fences}
        with self._db.read() as conn:
            rows = conn.execute(
                select(pages.c.id, pages.c.fence, pages.c.state).where(pages.c.id.in_(wanted))
            ).all()
            done = conn.execute(
                select(func.count()).select_from(pages).where(pages.c.state.in_(_FINAL))
            ).scalar_one()
        now_s = time.monotonic()
        found = {row.id: row for row in rows}
        with self._lock:
            self.done = done
            kept = []
            for waiting in self._waiting:
                if self._goes_on(waiting, found):
                    taken_s = now_s - waiting.since_s
                    self.resume_s.setdefault(waiting.fault, []).append(taken_s)
                else:
                    kept.append(waiting)
            self._waiting = kept

    def _goes_on(self, waiting: _Waiting, found: dict[int, Any]) -> bool:
        if not waiting.fences:
            return self.done > waiting.done_before
        for page_id, fence in waiting.fences.items():
            row = found.get(page_id)
            if row is None:  # noted after the look began
                return False
            if row.fence == fence and row.state == PageState.LEASED:
                return False
            if row.state == PageState.QUEUED:
                return False
        return True
