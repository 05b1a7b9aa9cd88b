"""The small parent of a Celery main: starts it, restarts it, stops it, gives its pages back.

A Celery main ends by itself now and then (a child that dies while it starts is enough), and may be
killed. Whatever ends it takes its children along; the pages they held are given back at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import fields

from ocrq.config import Settings
from ocrq.errors import (
    ConfigError,
    ExitCode,
    ModelError,
    OcrqError,
    StoreError,
    UsageError,
)
from store.claims import release_owner
from store.database import Database
from store.ringing import forget_worker, forgive_lost_worker, leases_of
from store.schedule_intake import give_back_runs
from worker.options import WorkerOptions
from worker.processes import signal_name

logger = logging.getLogger(__name__)

#: A main that dies within so many seconds is likely to do it again.
_FAST_DEATH_S = 10.0
#: So many fast deaths in a row, and the supervisor gives up.
_FAST_DEATHS = 5
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
#: One library thread a process: pages run in parallel.
_THREAD_LIMITS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
_FINAL: dict[int, type[OcrqError]] = {
    ExitCode.MODEL: ModelError,
    ExitCode.CONFIG: ConfigError,
    ExitCode.USAGE: UsageError,
    ExitCode.STORE: StoreError,
}


def main_environment(env: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment of a Celery main: ours, these settings, one thread a process."""
    ours = {
        f"OCRQ_{field.name.upper()}": str(getattr(settings, field.name))
        for field in fields(settings)
    }
    return {**_THREAD_LIMITS, **env, **ours}


class Supervisor:
    """Keeps one Celery main running. Not for use from several threads."""

    def __init__(self, settings: Settings, options: WorkerOptions, env: Mapping[str, str]) -> None:
        self.options = options
        self._settings = settings
        self._environment = main_environment(env, settings)
        self._main: subprocess.Popen[bytes] | None = None
        self._verdict_fd = -1
        self._started_s = 0.0
        self._restart_s: float | None = None
        self._fast_deaths = 0
        self._died_s = 0.0
        self._owes_pages = False  # of a dead main, for the database was away when it died
        self._db: Database | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the main that runs just now."""
        return self._main.pid if self._main is not None else None

    def start(self) -> None:
        """Start the main."""
        self._verdict_fd, write_fd = os.pipe()
        command = [sys.executable, "-P", "-m", "worker.main"]
        command += [f"--parent={os.getpid()}", f"--verdict-fd={write_fd}"]
        try:
            self._main = subprocess.Popen(
                command + self.options.to_arguments(),
                stdin=subprocess.DEVNULL,
                stdout=2,  # stdout is for results
                env=self._environment,
                pass_fds=[write_fd],
                process_group=0,  # Ctrl-C is for us; we pass it on as an orderly stop
            )
        finally:
            os.close(write_fd)
        self._started_s = time.monotonic()
        self._restart_s = None

    def poll(self) -> None:
        """Look after the main: restart it when it died. Call it a few times a second.

        Raises:
            OcrqError: the worker can not work here (model, settings, database), or its main died
                several times just after its start.
        """
        if self._main is None:
            if self._restart_s is not None and time.monotonic() >= self._restart_s:
                self._start_again()
            return
        if not self._has_ended():
            return
        verdict = self._read_verdict()
        returncode = self._bury()
        self._died_s = time.monotonic()
        is_final = verdict is not None and verdict[0] in _FINAL
        self._release(in_order=is_final)  # a worker that will not come again is not shown as silent
        message = verdict[1] if verdict else f"it ended by {signal_name(returncode)}"
        if verdict and verdict[0] in _FINAL:
            raise _FINAL[verdict[0]](message)
        is_fast = time.monotonic() - self._started_s < _FAST_DEATH_S
        self._fast_deaths = self._fast_deaths + 1 if is_fast else 0
        if self._fast_deaths >= _FAST_DEATHS:
            raise OcrqError(
                f"the worker died {_FAST_DEATHS} times in a row just after its start"
                f" ({message}); see the log above, and `ocrq doctor`"
            )
        pause_s = min(_FIRST_PAUSE_S * 2 ** max(0, self._fast_deaths - 1), _LONGEST_PAUSE_S)
        logger.warning("the worker died (%s); starting it again in %g s", message, pause_s)
        self._restart_s = time.monotonic() + pause_s

    def _start_again(self) -> None:
        """Start a new main, but before that give back what the old one held.

        Afterwards the two cannot be told apart: a worker keeps its name. While the database is
        away a new main could do nothing; after a lease the pages are free anyway.
        """
        if self._owes_pages and time.monotonic() < self._died_s + self._settings.lease_s:
            self._release(in_order=False)
            if self._owes_pages:
                assert self._restart_s is not None
                self._restart_s += _FIRST_PAUSE_S
                return
        self._owes_pages = False
        self.start()

    def stop(self, drain_s: float, hurry: Callable[[], bool]) -> int:
        """Stop in order: no new pages, running ones get `drain_s`, the rest is given back.

        Args:
            drain_s: how long running pages may take.
            hurry: asked often; True ends the waiting.

        Returns:
            How many pages were given back unread, with their attempts.
        """
        self._restart_s = None
        if self._main is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self._main.send_signal(signal.SIGTERM)
        deadline_s = time.monotonic() + drain_s
        while time.monotonic() < deadline_s and not hurry():
            # Without running pages there is nothing to wait for, whatever the main still does.
            if self._has_ended() or not self._holds_pages():
                break
            time.sleep(0.1)
        return self.kill()

    def kill(self) -> int:
        """End the main and its children now; returns how many pages were given back."""
        self._restart_s = None
        if self._main is None:
            return 0
        self._bury()
        return self._release(in_order=True)

    def _holds_pages(self) -> bool:
        try:
            return bool(leases_of(self._database(), self.options.name))
        except StoreError:
            return True  # unknown; the main's end or the time limit decides

    def _has_ended(self) -> bool:
        assert self._main is not None
        # Not reaped yet: until its group is killed its id must not go to another process.
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._main.pid, flags) is not None

    def _bury(self) -> int:
        """Kill what is left of the main's process group; returns the main's status."""
        main, self._main = self._main, None
        assert main is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(main.pid, signal.SIGKILL)
        returncode = main.wait()
        os.close(self._verdict_fd)
        return returncode

    def _release(self, *, in_order: bool) -> int:
        """Give back what the dead children held; else it is free when its lease runs out."""
        try:
            db = self._database()
            give_back_runs(db, self.options.name)
            if in_order:
                forget_worker(db, self.options.name)
                count = release_owner(db, f"{self.options.name}/")
            else:
                count = forgive_lost_worker(db, self.options.name)
        except StoreError as exc:
            if not self._owes_pages:
                logger.warning("pages of the stopped worker stay leased for a while: %s", exc)
            self._owes_pages = True
            return 0
        self._owes_pages = False
        return count

    def _database(self) -> Database:
        if self._db is None:
            self._db = Database.open(self._settings.sql_url)
        return self._db

    def _read_verdict(self) -> tuple[int, str] | None:
        os.set_blocking(self._verdict_fd, False)
        with contextlib.suppress(BlockingIOError):
            lines = os.read(self._verdict_fd, 1 << 16).splitlines()
            if lines:
                exit_code, message = json.loads(lines[0])
                return exit_code, message
        return None
