"""What the Celery main and its page children tell each other without SQL or broker.

Made before the first fork and inherited by it: some bytes of shared memory and two pipes.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import struct
import time
from dataclasses import dataclass

#: A child begins to load its model; a child is ready to read pages.
STARTING = b"s"
READY = b"r"

_HOLD = struct.Struct("d")
_HOLD_AT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why this worker can never work; its main stops with `exit_code` instead of going on."""

    exit_code: int
    message: str


class Link:
    """Shared by a Celery main and its children; a worker has one."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)  # anonymous and shared: survives fork
        self.wake_fd, self._wake_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.verdict_fd, self._verdict_writer = os.pipe2(os.O_CLOEXEC)

    @property
    def draining(self) -> bool:
        """Whether children are to claim no more pages."""
        return self._memory[0] != 0

    def drain(self) -> None:
        """No new claims from now on; safe in a signal handler."""
        self._memory[0] = 1

    @property
    def idle(self) -> bool:
        """Whether this worker is drained for maintenance: it answers bells but claims nothing."""
        return self._memory[1] != 0

    @idle.setter
    def idle(self, is_idle: bool) -> None:
        self._memory[1] = is_idle

    def note_hold(self) -> None:
        """A child holds a page (monotonic time is one clock for all processes of a host)."""
        _HOLD.pack_into(self._memory, _HOLD_AT, time.monotonic())

    def last_hold_s(self) -> float:
        """When a child last held a page, `time.monotonic()` seconds; 0.0 for never."""
        return float(_HOLD.unpack_from(self._memory, _HOLD_AT)[0])

    def wake(self, news: bytes = b".") -> None:
        """Let the Ringer look now; `news` is one byte, STARTING and READY or nothing special."""
        with contextlib.suppress(BlockingIOError):  # full: it will look anyway
            os.write(self._wake_writer, news)

    def read_news(self) -> bytes:
        """What woke the Ringer since the last call, oldest first."""
        news = b""
        with contextlib.suppress(BlockingIOError):
            while block := os.read(self.wake_fd, 4096):
                news += block
        return news

    def pronounce(self, verdict: Verdict) -> None:
        """Tell the main that this worker can never work."""
        text = json.dumps([verdict.exit_code, verdict.message[:2000]])
        os.write(self._verdict_writer, text.encode("ascii", "replace") + b"\n")

    def read_verdict(self) -> Verdict:
        """What `pronounce` was told; call it when `verdict_fd` is readable."""
        line = os.read(self.verdict_fd, 1 << 16).splitlines()[0]
        exit_code, message = json.loads(line)
        return Verdict(exit_code=exit_code, message=message)
