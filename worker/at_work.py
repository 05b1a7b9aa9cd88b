"""A submit shows that it is at work, so that its batch is not done for lack of pages meanwhile."""

from __future__ import annotations

import contextlib
import logging
from types import TracebackType

from ocrq.errors import StoreError
from store.batches import leave_batch
from store.database import Database
from store.submits import SEE_EVERY_S, see_submit
from worker.signs_of_life import SignsOfLife

logger = logging.getLogger(__name__)


class AtWork(SignsOfLife):
    """Says so while the block runs; a commit may be minutes away."""

    def __init__(self, db: Database, name: str) -> None:
        super().__init__(SEE_EVERY_S, "at-work")
        self._db = db
        self._name = name

    def give(self) -> None:
        try:
            see_submit(self._db, self._name)
        except StoreError as exc:
            logger.debug("no sign of life: %s", exc)  # the next commit says what is wrong

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        with contextlib.suppress(StoreError):  # it counts for half a minute more, then no longer
            leave_batch(self._db, self._name)
