"""What the Ringer does for schedules and windows: fire what is due, have the intakes done."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from store.database import Database
from store.ringing import elect
from store.schedule_runs import fire_due, unfinished_runs
from store.schedules import DUTY, LOOK_EVERY_S
from store.windows import roll_windows
from worker.options import WorkerOptions
from worker.processes import signal_name

logger = logging.getLogger(__name__)

#: Between two starts of an intake process, should it end at once.
_PAUSE_S = 5.0


class ScheduleWatch:
    """One for each Ringer; not for use from several threads."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._intake: subprocess.Popen[bytes] | None = None
        self._started_s = float("-inf")

    def look(self, db: Database, *, is_at_rest: bool = False) -> None:
        """Move windows on, fire what is due, see to it that somebody does the intakes.

        Called every few seconds, by every worker; the compare-and-set of each step makes that
        safe, and the election cheap. A worker of `ocrq run` is there for its own batch alone; one
        that `is_at_rest` (drained, or about to stop) leaves schedules to the others, for its host
        may be without its scans.
        """
        roll_windows(db)
        if self._options.batch_id is not None:
            return
        self._bury()
        if not is_at_rest and elect(db, DUTY, self._options.name, LOOK_EVERY_S):
            fire_due(db)
            if unfinished_runs(db):
                self._start()

    def _start(self) -> None:
        """Start the intake process, unless it runs already or has only just ended."""
        now_s = time.monotonic()
        if self._intake is not None or now_s - self._started_s < _PAUSE_S:
            return
        self._started_s = now_s
        command = [sys.executable, "-P", "-m", "worker.scheduled_intake"]
        command += [f"--parent={os.getpid()}", f"--owner={self._options.name}"]
        # In the group of the main: what ends the main ends it too. Logs go where the main's go.
        try:
            self._intake = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2)
        except OSError as exc:
            logger.warning("no process for the intake of a schedule: %s", exc)

    def _bury(self) -> None:
        if self._intake is None or self._intake.poll() is None:
            return
        if self._intake.returncode:
            logger.warning(
                "the intake of a schedule ended by %s; it is taken up again",
                signal_name(self._intake.returncode),
            )
        self._intake = None
