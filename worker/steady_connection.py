"""A Celery main's connection to its broker: it waits for one that is away, and says so once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from kombu import Connection

logger = logging.getLogger(__name__)

#: Celery lets half a minute pass in the end.
_PAUSES: dict[str, float] = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 3}
#: A connection that held no longer than this was none; the next try waits for as long.
_SHORTEST_S = 3.0
_LOOK_EVERY_S = 0.2


class SteadyConnection(Connection):
    """Asks for a lost broker every few seconds; Celery offers no setting for this."""

    connected_s = float("-inf")  # when this process was connected last, monotonic

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Connect, however long that takes.

        Args:
            args: as kombu's; the first is not used, it would write two lines for each try.
            kwargs: as kombu's; `callback` is called often, an exception of it ends the wait.
        """
        callback = kwargs.get("callback")
        self._rest(callback)
        said: set[str] = set()

        def note(error: BaseException, _pause_s: float) -> None:
            if str(error) not in said:
                said.add(str(error))
                logger.error(
                    "the broker %s cannot be used: %s; the pages at work go on, others start"
                    " when it is back",
                    self.as_uri(),
                    error,
                )

        connected = super().ensure_connection(note, *args[1:], **kwargs | _PAUSES)
        if said:
            logger.warning("the broker can be used again")
        SteadyConnection.connected_s = time.monotonic()
        return connected

    def _rest(self, callback: Callable[[], None] | None) -> None:
        """Let no broker that breaks off each connection at once keep this process busy."""
        while time.monotonic() < self.connected_s + _SHORTEST_S:
            if callback is not None:
                callback()
            time.sleep(_LOOK_EVERY_S)
