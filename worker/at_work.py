"""A submit shows that it is at work, so that its batch is not done for lack of pages meanwhile."""

from __future__ import annotations

import contextlib
import logging
import threading

from ocrq.errors import StoreError
from store.batches import leave_batch
from store.database import Database
from store.submits import SEE_EVERY_S, see_submit

logger = logging.getLogger(__name__)


class AtWork:
    """A thread that gives signs of life while the block runs; a commit may be minutes away."""

    def __init__(self, db: Database, name: str) -> None:
        self._db = db
        self._name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="at-work")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()
        with contextlib.suppress(StoreError):  # it counts for half a minute more, then no longer
            leave_batch(self._db, self._name)

    def _beat(self) -> None:
        while not self._over.wait(SEE_EVERY_S):
            try:
                see_submit(self._db, self._name)
            except StoreError as exc:
                logger.debug("no sign of life: %s", exc)  # the next commit says what is wrong
