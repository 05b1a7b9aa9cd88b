"""Where and when figures were measured: the line that every table of bench/ begins with."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

from ocrq import __version__


def describe_machine() -> str:
    """Date, version, processor, cores this process may use, memory, Python."""
    import os

    model = "unknown processor"
    memory_gb = 0.0
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            memory_gb = int(line.split()[1]) / 1e6
            break
    cores = len(os.sched_getaffinity(0))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, ocrq {__version__}, {cores} cores of {model}, "
        f"{memory_gb:.0f} GB, Python {platform.python_version()}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
