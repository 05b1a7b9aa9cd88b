"""The step of the Celery main in which the Ringer starts and stops."""

from __future__ import annotations

import threading
from typing import Any

from celery import bootsteps

from worker.ringer import Ringer


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
