"""Facts about processes that the standard library does not offer (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Let the kernel kill this process when its parent ends, however that ends.

    Args:
        parent_pid: who started this process; it may be gone before the kernel was asked.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def usable_cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Cores that this process may use: what taskset and a container's quota leave of the machine.

    Args:
        quota: where the kernel says how many microseconds of each period a container gets.
    """
    cores = len(os.sched_getaffinity(0))
    try:
        allowed, period = quota.read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(allowed) / int(period))))
    except (OSError, ValueError):  # no such file, or "max 100000": no quota
        return cores


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to ask how it ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def signal_name(returncode: int) -> str:
    """How a process ended, for people.

    >>> signal_name(-11), signal_name(3)
    ('SIGSEGV', 'exit code 3')
    """
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
