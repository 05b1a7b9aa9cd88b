"""What the Ringer pulls: rings bells, and knows how many wait."""

from __future__ import annotations

import contextlib

from celery import Celery
from kombu import Connection
from kombu.exceptions import KombuError

from worker.bells import TASK_NAME, limit_bells, waiting_bells
from worker.requests import active_requests, reserved_requests


class BellRope:
    """A connection to the broker, made when it is needed."""

    def __init__(self, app: Celery, *, is_embedded: bool) -> None:
        self._app = app
        self._is_embedded = is_embedded
        self.connection: Connection | None = None
        #: What goes wrong with a broker.
        self.errors: tuple[type[BaseException], ...] = (
            OSError,
            KombuError,
            *app.connection_for_write().recoverable_connection_errors,
        )

    def ring(self, ready: int) -> None:
        """Ring the bells that are missing for so many pages that may be claimed."""
        missing = ready - self.waiting()
        if missing > 0 and self.connection is not None and not self._is_embedded:
            limit_bells(self.connection, ready)  # others may ring at the same moment
        for _ in range(missing):
            self._app.send_task(TASK_NAME, connection=self.connection, retry=False)

    def waiting(self) -> int:
        """Bells that no child has answered yet."""
        if self.connection is None:
            self.connection = self._app.connection_for_write()
        waiting = waiting_bells(self.connection)
        if self._is_embedded:  # those that this process has taken, but no child
            waiting += len(reserved_requests()) - len(active_requests())
        return waiting

    def hang_up(self) -> None:
        """Leave the connection; another one is made when it is needed."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with contextlib.suppress(*self.errors):
                connection.release()
