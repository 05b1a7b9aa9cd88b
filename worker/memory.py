"""A bound on the memory of a process, so that one hostile page does not take the whole machine."""

from __future__ import annotations

import resource
from pathlib import Path


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
