"""Ending children that read pages which are no longer theirs, whatever keeps them from noticing.

A child's own heartbeat tells it that its page was cancelled or given to another. An engine that
holds Python's lock inside one call silences that thread; its main looks after it here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal

from store.database import Database
from store.ringing import leases_of
from worker.processes import has_ended
from worker.requests import active_requests

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
#: A child that ends by itself, after its page was written or by its own heartbeat, is gone by then.
_PATIENCE_S = 2.5
#: The same for a task that was never seen to hold a page: it may wait for the lock of SQLite (30 s)
#: or rest after trouble (10 s).
_FIRST_PATIENCE_S = 40.0


class LostPages:
    """What the children of one Celery main were seen to hold; kept by its Ringer."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._held: set[str] = set()  # tasks that were seen to hold a page
        self._without_s: dict[str, float] = {}  # since when a task was seen at work without one

    def look(self, db: Database, now_s: float) -> list[int]:
        """Kill the children that are at work without a page for longer than that takes.

        Nothing is asked for while none is at work.

        Args:
            db: asked for the leases of this worker.
            now_s: monotonic.

        Returns:
            Their process ids.
        """
        at_work = {
            request.id: f"{self._owner}/{request.worker_pid}"
            for request in active_requests()
            if request.worker_pid
        }
        leases = leases_of(db, self._owner) if at_work else {}
        self._held = {task_id for task_id in self._held if task_id in at_work} | leases.keys()
        # A child that holds another page has ended this task; its main has not heard of it yet.
        busy = set(leases.values())
        without = {t: o for t, o in at_work.items() if t not in leases and o not in busy}
        self._without_s = {t: self._without_s.get(t, now_s) for t in without}
        late = [
            t for t, since_s in self._without_s.items() if now_s - since_s > self._patience_s(t)
        ]
        pids = [int(without[task_id].rpartition("/")[2]) for task_id in late]
        # One that has ended waits for Celery, which looks after some seconds only.
        return [self._end(pid) for pid in pids if not has_ended(pid)]

    def _patience_s(self, task_id: str) -> float:
        return _PATIENCE_S if task_id in self._held else _FIRST_PATIENCE_S

    def _end(self, pid: int) -> int:
        logger.warning(
            "process %d reads a page that was cancelled or given away, and does not notice: ended",
            pid,
        )
        with contextlib.suppress(ProcessLookupError):  # it just ended by itself
            os.kill(pid, signal.SIGKILL)
        return pid
