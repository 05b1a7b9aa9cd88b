"""Peak memory of every process of `ocrq run`: python -m bench.memory SCANS...

PSS shares a page of memory among the processes that map it, so the sum over the tree is what the
machine really gives; RSS counts shared pages in each process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions

_SAMPLE_EVERY_S = 0.2


@dataclass(slots=True)
class Peak:
    """The largest values seen of one process, bytes."""

    name: str
    depth: int  # 0: the process that the user started
    rss: int = 0
    pss: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scans", nargs="+", type=Path)
    parser.add_argument("--engine", default=PageOptions().engine)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as home:
        command = [str(Path(sys.executable).with_name("ocrq")), "run", "--engine", asked.engine]
        process = subprocess.Popen(
            [*command, *map(str, asked.scans)],
            env={**os.environ, "OCRQ_HOME": home},
            stdout=subprocess.DEVNULL,
        )
        peaks, total_pss = _watch(process)
    print(f"{describe_machine()}; engine {asked.engine}\n")
    rows = [
        [f"{'· ' * peak.depth}{peak.name}", f"{peak.rss / 1e6:.0f}", f"{peak.pss / 1e6:.0f}"]
        for peak in sorted(peaks.values(), key=lambda p: (p.depth, -p.pss))
    ]
    print(markdown_table(["process", "peak RSS MB", "peak PSS MB"], rows))
    print(f"\nall of them together at most {total_pss / 1e6:.0f} MB (PSS)")


def _watch(process: subprocess.Popen[bytes]) -> tuple[dict[int, Peak], int]:
    peaks: dict[int, Peak] = {}
    total_pss = 0
    while process.poll() is None:
        now_pss = 0
        for found, depth in _tree(process.pid):
            try:
                memory = found.memory_full_info()
                peak = peaks.setdefault(found.pid, Peak(name=_name(found), depth=depth))
            except psutil.Error:
                continue  # it ended meanwhile
            peak.rss = max(peak.rss, memory.rss)
            peak.pss = max(peak.pss, memory.pss)
            now_pss += memory.pss
        total_pss = max(total_pss, now_pss)
        time.sleep(_SAMPLE_EVERY_S)
    return peaks, total_pss


def _tree(pid: int) -> list[tuple[psutil.Process, int]]:
    found: list[tuple[psutil.Process, int]] = []
    try:
        waiting = [(psutil.Process(pid), 0)]
        while waiting:
            process, depth = waiting.pop()
            found.append((process, depth))
            waiting += [(child, depth + 1) for child in process.children()]
    except psutil.Error:
        pass
    return found


def _name(process: psutil.Process) -> str:
    words = [Path(word).name if "/" in word else word for word in process.cmdline()[:4]]
    return " ".join(words)[:40] or process.name()


if __name__ == "__main__":
    main()
