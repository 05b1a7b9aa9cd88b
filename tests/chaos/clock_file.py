"""The clocks of processes that run with tests/chaos/moved_clock on their path."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

MOVED_CLOCK = Path(__file__).parent / "moved_clock"


@dataclass(frozen=True, slots=True)
class ClockFile:
    """What is added to the wall clock of a host and to the database server's, s."""

    path: Path

    def set(self, *, host_s: float = 0.0, server_s: float = 0.0) -> None:
        """Move the clocks of all processes that use this file, at once."""
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            file.write(struct.pack("dd", host_s, server_s))

    def environment(self, python_path: str) -> dict[str, str]:
        """What a process needs to follow this file."""
        return {
            "CHAOS_CLOCK": str(self.path),
            "PYTHONPATH": os.pathsep.join([str(MOVED_CLOCK), python_path]),
        }
