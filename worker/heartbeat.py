"""Keeping the lease of a page alive, and ending this process when the page is no longer ours."""

from __future__ import annotations

import logging
import os

from ocrq.errors import StoreError
from store.claims import heartbeat
from store.database import Database
from store.leases import Claim, LeaseRules
from worker.signs_of_life import SignsOfLife

logger = logging.getLogger(__name__)

#: Exit status of a child that lost its page (cancelled, or reaped and given to another).
FENCED_OFF = 75

#: Time for the end of a page that was just written to be known in this process.
_END_OF_PAGE_S = 1.0


class Heartbeat(SignsOfLife):
    """Renews the lease of one claim while the block runs."""

    def __init__(self, db: Database, claim: Claim, rules: LeaseRules, every_s: float) -> None:
        super().__init__(every_s, "heartbeat")
        self._db = db
        self._claim = claim
        self._rules = rules
        self._is_said = False

    def give(self) -> None:
        try:
            alive = heartbeat(self._db, self._claim, self._rules)
            self._is_said = False
        except StoreError as exc:
            # Whoever is right about the lease, the fence decides when the page is written.
            level = logging.INFO if self._is_said else logging.WARNING
            logger.log(level, "no heartbeat for page %d: %s", self._claim.page_id, exc)
            self._is_said = True
            return
        # A page that has just been written is not held either; its end is on its way here.
        if not alive and not self.over.wait(_END_OF_PAGE_S):
            # Nothing that this process still does can be kept; the pool starts another.
            logger.warning(
                "page %d is no longer ours (cancelled, or its lease ran out): stopping",
                self._claim.page_id,
            )
            os._exit(FENCED_OFF)
