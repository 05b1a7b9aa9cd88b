"""The one task, and Celery's signals around it: what runs in the main and what in the children."""

from __future__ import annotations

import logging
import os
import re
from typing import Any

from billiard import current_process
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery, signals

from store.failures import Death
from worker.bells import TASK_NAME, wake_loop
from worker.child import PageChild
from worker.link import Link
from worker.page import OUT_OF_MEMORY, UNWRITTEN, process_one
from worker.ringer import Ringer

logger = logging.getLogger(__name__)


def register(app: Celery, child: PageChild, link: Link, ringer: Ringer) -> None:
    """Give the application its task and connect the signals; once in a process."""
    main_pid = os.getpid()

    @app.task(name=TASK_NAME, bind=True)
    def process(self: Any) -> None:
        process_one(child, self.request.id)

    def on_setup_logging(**_: Any) -> None:
        """Connected at all, it keeps Celery from setting up a logging of its own."""

    def on_child_start(**_: Any) -> None:
        if os.getppid() != main_pid:
            os._exit(1)  # the main died before the kernel was told to kill us with it
        child.start(getattr(current_process(), "index", 0))

    def on_failure(task_id: str, exception: BaseException, **_: Any) -> None:
        if os.getpid() != main_pid:
            return
        if isinstance(exception, WorkerLostError):
            ringer.note_death(task_id, reason_of_death(str(exception)))
        elif isinstance(exception, TimeLimitExceeded):
            # Nothing that a page does lasts so long: the kernel ends it, or, where it cannot, the
            # Ringer. It was the database that did not answer.
            ringer.note_death(task_id, None)

    def on_shutdown(**_: Any) -> None:
        link.drain()
        wake_loop()  # an idle one sleeps for up to ten seconds, signals or not

    signals.setup_logging.connect(on_setup_logging, weak=False)
    signals.worker_process_init.connect(on_child_start, weak=False)
    signals.task_failure.connect(on_failure, weak=False)
    signals.worker_shutting_down.connect(on_shutdown, weak=False)


def reason_of_death(message: str) -> Death | None:
    """Why a child died, from what billiard says; it keeps no status beside the text.

    None: not by anything that its page did.

    >>> reason_of_death("Worker exited prematurely: signal 14 (SIGALRM) Job: 3.")
    'deadline'
    >>> reason_of_death("Worker exited prematurely: signal 9 (SIGKILL) Job: 3.")
    'killed'
    >>> reason_of_death("Worker exited prematurely: exitcode 77 Job: 3.")
    'memory'
    >>> reason_of_death("Worker exited prematurely: exitcode 76 Job: 3.") is None
    True
    """
    status = re.search(r"\bexitcode (\d+)\b", message)
    if status is not None and int(status[1]) == UNWRITTEN:
        return None
    if status is not None and int(status[1]) == OUT_OF_MEMORY:
        return "memory"
    return "deadline" if re.search(r"\bSIGALRM\b", message) else "killed"
