"""Who of many is the Ringer of a shared broker: elected for a while, and again before it ends."""

from __future__ import annotations

from store.database import Database
from store.ringing import keep_duty, stand_for

_DUTY = "ringer"
#: The last part of its term, in which a Ringer goes on with another one. Else all would stand for
#: it at the same moment, each time.
_RENEWED_BEFORE = 0.25


class Term:
    """What one worker knows of it; times are monotonic seconds."""

    def __init__(self, owner: str, length_s: float) -> None:
        self._owner = owner
        self._length_s = length_s
        self._ends_s = 0.0  # until when this worker is the one
        self._stand_s = 0.0  # when it stands for that again

    def is_held(self, now_s: float) -> bool:
        """Whether this worker is the Ringer."""
        return now_s < self._ends_s

    def resign(self) -> None:
        """This worker is to stop: another one is elected when the term is over."""
        self._ends_s = 0.0

    def stand(self, db: Database, now_s: float) -> bool:
        """Be elected, or stay it, where that is possible now; returns `is_held`."""
        if now_s < self._ends_s <= now_s + _RENEWED_BEFORE * self._length_s:
            if keep_duty(db, _DUTY, self._owner, self._length_s):
                self._stand_s = self._ends_s = now_s + self._length_s
        elif now_s >= self._stand_s:
            wait_s = stand_for(db, _DUTY, self._owner, self._length_s)
            if wait_s == 0:
                self._ends_s = now_s + self._length_s
            self._stand_s = now_s + (wait_s or self._length_s)
        return self.is_held(now_s)
