"""Moves the clock of `store` in a process that has this folder on its PYTHONPATH; tests only.

The environment variable CHAOS_CLOCK names a file of two numbers (float64, seconds) that the test
changes while processes run: what is added to the host's wall clock, and to the time of the
database server. The system's clock is never touched.
"""

from __future__ import annotations

import mmap
import os
import struct
from datetime import datetime, timedelta
from pathlib import Path


def _move(path: Path) -> None:
    from store.clock import Clock

    with path.open("rb") as file:
        offsets = mmap.mmap(file.fileno(), 16, prot=mmap.PROT_READ)
    unmoved = Clock.now

    def now(self: Clock) -> datetime:
        return unmoved(self) + timedelta(seconds=struct.unpack_from("d", offsets, 0)[0])

    def server_offset_s(self: Clock) -> float:
        return float(self.__dict__["offset_s"] + struct.unpack_from("d", offsets, 8)[0])

    def set_offset_s(self: Clock, value: float) -> None:
        self.__dict__["offset_s"] = value

    Clock.now = now  # type: ignore[method-assign]
    Clock.offset_s = property(server_offset_s, set_offset_s)  # type: ignore[assignment]


if os.environ.get("CHAOS_CLOCK"):
    _move(Path(os.environ["CHAOS_CLOCK"]))
