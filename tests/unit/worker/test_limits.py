"""Deadline and memory bounds, each in a process of its own that may die of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from worker.processes import signal_name, usable_cores


def _python(code: str) -> int:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    return done.returncode


def test_freed_memory_is_kept_for_the_next_array() -> None:
    code = """
import os, resource
os.environ["NUMPY_MADVISE_HUGEPAGE"] = "0"
import numpy as np
from worker.memory import keep_freed_memory
assert keep_freed_memory()
pages = 40_000_000 // resource.getpagesize()
np.ones(40_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(40_000_000, np.uint8)
assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < pages / 100
"""
    assert _python(code) == 0


def test_what_is_loaded_is_not_looked_through_for_garbage() -> None:
    code = """
import gc
from worker.memory import keep_loaded
loaded = [[] for _ in range(1000)]
keep_loaded()
assert gc.get_freeze_count() > len(loaded)
assert not any(found is loaded for found in gc.get_objects())
"""
    assert _python(code) == 0


def test_the_kernel_ends_a_loop_inside_c() -> None:
    code = """
import itertools
from worker.deadline import killed_after
with killed_after(0.2):
    sum(itertools.repeat(0))
"""
    assert _python(code) == -signal.SIGALRM


def test_a_block_that_ends_in_time_leaves_no_timer() -> None:
    code = """
import signal
from worker.deadline import killed_after
with killed_after(30):
    pass
assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
"""
    assert _python(code) == 0


@pytest.mark.parametrize(
    ("taken_mb", "status"), [(20, 0), (400, 3)], ids=["within the bound", "beyond it"]
)
def test_memory_beyond_the_bound_is_refused(taken_mb: int, status: int) -> None:
    code = f"""
import sys
from worker.memory import lift_limit, limit_growth
limit_growth(100)
try:
    held = bytearray({taken_mb} * 1_000_000)
except MemoryError:
    lift_limit()
    held = bytearray({taken_mb} * 1_000_000)
    sys.exit(3)
"""
    assert _python(code) == status


def test_a_process_dies_with_its_parent() -> None:
    code = """
import os, signal, sys, time
from worker.processes import die_with_parent
read, write = os.pipe()
middle = os.fork()
if middle == 0:
    parent = os.getpid()
    if os.fork() == 0:
        die_with_parent(parent)
        os.write(write, b"%d" % os.getpid())
        time.sleep(60)
    time.sleep(60)
pid = int(os.read(read, 20))
os.kill(middle, signal.SIGKILL)
os.waitpid(middle, 0)
deadline = time.monotonic() + 10
while time.monotonic() < deadline:
    try:
        state = open(f"/proc/{pid}/stat").read().split()[2]
    except FileNotFoundError:
        sys.exit(0)
    if state == "Z":
        sys.exit(0)
    time.sleep(0.01)
sys.exit(1)
"""
    assert _python(code) == 0


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 8), ("250000 100000", 2), ("20000 100000", 1)]
)
def test_a_containers_quota_bounds_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    (tmp_path / "cpu.max").write_text(quota)
    assert usable_cores(tmp_path / "cpu.max") == cores
    assert usable_cores(tmp_path / "none") == 8


def test_signals_have_names() -> None:
    assert signal_name(-signal.SIGKILL) == "SIGKILL"
    assert signal_name(-200) == "signal 200"
    assert signal_name(1) == "exit code 1"
