"""Memory of a process: a bound, so that no page takes the whole machine, and what it keeps."""

from __future__ import annotations

import ctypes
import gc
import resource
from pathlib import Path
from typing import Final

_M_TRIM_THRESHOLD: Final = -1  # of malloc.h
_M_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 128 << 20
_LARGEST_KEPT_BYTES: Final = 64 << 20  # the map of pieces of a page of A4 has 35 million


def keep_freed_memory() -> bool:
    """Let this process keep some memory that it freed, for the next array of the same size.

    The arrays of a page are larger than what the C library keeps by itself: each came fresh from
    the kernel, which clears it, and went back a few milliseconds later. Up to 128 MB stay now.

    Returns:
        Whether the C library can be told; only that of GNU can.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    kept = mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
    return bool(kept and mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES))


def keep_loaded() -> None:
    """Let garbage be looked for only in what comes from here on.

    Modules, models and tables stay as long as the process does. They are 70,000 objects, which
    Python would go through again every few pages.
    """
    gc.collect()
    gc.freeze()


def data_bytes() -> int:
    """Private writable memory that this process has now: what RLIMIT_DATA counts."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmData")


def limit_growth(growth_mb: int) -> None:
    """From here on this process, and each process it starts, may take `growth_mb` MB more."""
    soft = data_bytes() + growth_mb * 1_000_000
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def lift_limit() -> None:
    """Take the bound away again, to load another model."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
