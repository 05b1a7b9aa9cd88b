"""The only source of time in `store`, so that tests can move it and faults can be played.

PostgreSQL's own clock is the time of the queue there (one clock for all hosts); `offset_s` is
added to it. On SQLite the host's clock is the time, with the same offset.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time and monotonic time of this process, both movable.

    >>> clock = Clock(wall=lambda: 0.0, monotonic=lambda: 5.0)
    >>> clock.advance(90.0)
    >>> clock.now().isoformat(), clock.monotonic()
    ('1970-01-01T00:01:30+00:00', 95.0)
    """

    def __init__(
        self,
        offset_s: float = 0.0,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.offset_s = offset_s
        self._wall = wall
        self._monotonic = monotonic
        self._monotonic_offset_s = 0.0
        self._last_difference_s: float | None = None
        self._quiet_until_s = float("-inf")

    def now(self) -> datetime:
        """The host's time, UTC, offset included."""
        return datetime.fromtimestamp(self._wall(), UTC) + timedelta(seconds=self.offset_s)

    def monotonic(self) -> float:
        """Seconds that this host was awake, from an arbitrary start."""
        return self._monotonic() + self._monotonic_offset_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.offset_s += seconds
        self._monotonic_offset_s += seconds

    def jump(self, seconds: float) -> None:
        """Move the wall clock alone: the host slept, or somebody set its clock."""
        self.offset_s += seconds

    def is_settled(self, lease_s: float, now: datetime | None = None) -> bool:
        """Whether leases may be judged by the time of the queue just now.

        Between two calls that time and this process's monotonic time move alike, unless a host
        slept or its clock was set. A difference of more than half a lease says that leases look
        older, or younger, than the time that their holders had to renew them, so judging is
        postponed by one lease.

        Args:
            lease_s: how long a lease holds.
            now: the time of the queue; None: this host's.
        """
        monotonic_s = self.monotonic()
        difference_s = (now or self.now()).timestamp() - monotonic_s
        last, self._last_difference_s = self._last_difference_s, difference_s
        if last is not None and abs(difference_s - last) > lease_s / 2:
            self.wait_a_lease(lease_s)
        return monotonic_s >= self._quiet_until_s

    def wait_a_lease(self, lease_s: float) -> None:
        """Judge no lease for one lease: their holders may not have been able to renew them."""
        self._quiet_until_s = self.monotonic() + lease_s
