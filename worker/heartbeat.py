"""Keeping the lease of a page alive, and ending this process when the page is no longer ours."""

from __future__ import annotations

import logging
import os
import threading
from types import TracebackType
from typing import Self

from ocrq.errors import StoreError
from store.claims import heartbeat
from store.database import Database
from store.leases import Claim, LeaseRules

logger = logging.getLogger(__name__)

#: Exit status of a child that lost its page (cancelled, or reaped and given to another).
FENCED_OFF = 75

#: Time for the end of a page that was just written to be known in this process.
_END_OF_PAGE_S = 1.0


class Heartbeat:
    """A thread that renews the lease of one claim while the block runs."""

    def __init__(self, db: Database, claim: Claim, rules: LeaseRules, every_s: float) -> None:
        self._db = db
        self._claim = claim
        self._rules = rules
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        is_said = False
        while not self._over.wait(self._every_s):
            try:
                alive = heartbeat(self._db, self._claim, self._rules)
                is_said = False
            except StoreError as exc:
                # Whoever is right about the lease, the fence decides when the page is written.
                level = logging.INFO if is_said else logging.WARNING
                logger.log(level, "no heartbeat for page %d: %s", self._claim.page_id, exc)
                is_said = True
                continue
            # A page that has just been written is not held either; its end is on its way here.
            if not alive and not self._over.wait(_END_OF_PAGE_S):
                # Nothing that this process still does can be kept; the pool starts another.
                logger.warning(
                    "page %d is no longer ours (cancelled, or its lease ran out): stopping",
                    self._claim.page_id,
                )
                os._exit(FENCED_OFF)
