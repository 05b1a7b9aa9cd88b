"""What `ocrq doctor` asks about the machine: GPU, disk, memory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from cli.check_software import is_installed
from cli.finding import Finding, failed, note, ok
from ocrq.config import Settings
from ocrq.errors import ExitCode

_GIB = 1 << 30


def check_gpu(_settings: Settings) -> Finding:
    """A GPU is only a faster way; the driver is asked, no framework is loaded."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ok("GPU", "none; pages are read on the CPU")
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        return note("GPU", f"nvidia-smi does not answer: {exc}", "mend the NVIDIA driver")
    if asked.returncode != 0 or not asked.stdout.strip():
        complaint = (asked.stderr or asked.stdout).strip().splitlines()[:1]
        return note("GPU", f"nvidia-smi: {' '.join(complaint)}", "mend the NVIDIA driver")
    if not is_installed("tensorflow"):
        return note("GPU", asked.stdout.strip(), "pip install tensorflow, to use it")
    return ok("GPU", "; ".join(asked.stdout.strip().splitlines()))


def check_disk(settings: Settings) -> Finding:
    """There is room for the database: a page of 2,000 characters takes about 0.25 MB."""
    place = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / _GIB:,.1f} GiB free at {settings.home}"
    cure = "make room, or set OCRQ_HOME to a larger disk"
    if free < _GIB // 10:
        return failed("disk", found, cure, ExitCode.STORE)
    if free < _GIB:
        return note("disk", found, cure)
    return ok("disk", found)


def check_memory(settings: Settings) -> Finding:
    """Each process of a worker may take `memory_mb` beside its model."""
    available = _available_bytes()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if available is None:
        return ok("memory", f"{cores} cores")
    found = f"{available / _GIB:,.1f} GiB available, {cores} cores"
    fitting = int(available // (settings.memory_mb << 20))
    if fitting < 1:
        cure = f"large pages may fail: free {settings.memory_mb} MB, or set OCRQ_MEMORY_MB lower"
        return note("memory", found, cure)
    return ok("memory", f"{found}: room for {min(fitting, cores or 1)} pages at a time")


def _available_bytes() -> int | None:
    """What this process may still take: of the machine, or of its container."""
    try:
        meminfo = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return None
    match = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo, re.MULTILINE)
    available = int(match[1]) * 1024 if match else None
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text("ascii"))
    except (OSError, ValueError):
        return available
    if not limit.isdigit() or available is None:
        return available
    return min(available, max(0, int(limit) - used))
