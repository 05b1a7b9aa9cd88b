"""Pages of processes that died, freed by the Ringer as soon as the database answers."""

from __future__ import annotations

import contextlib
import logging
import queue

from ocrq.errors import StoreError
from ocrq.types import PageState
from store.database import Database
from store.failures import Death, task_died
from store.leases import LeaseRules
from store.unsettled import give_back

logger = logging.getLogger(__name__)

#: Pause of a page whose result could not be written: the database was frozen.
_UNWRITTEN_PAUSE_S = 5.0


class Burials:
    """Deaths that the main heard of, from any thread."""

    def __init__(self, owner: str, rules: LeaseRules) -> None:
        self._owner = owner
        self._rules = rules
        self._deaths: queue.SimpleQueue[tuple[str, Death | None]] = queue.SimpleQueue()

    def note(self, task_id: str, reason: Death | None) -> None:
        """The process of a task died; without a reason nothing is charged to its page."""
        self._deaths.put((task_id, reason))

    def hold(self, db: Database) -> None:
        """Free the pages of all that died; one that cannot be freed now waits for the next time.

        Raises:
            StoreError: the database does not answer.
        """
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
        if reason is not None:
            return task_died(db, task_id, reason, self._rules, self._owner)
        if give_back(db, task_id, _UNWRITTEN_PAUSE_S, self._owner):
            logger.warning("a page was given back: its result could not be written in time")
        return None
