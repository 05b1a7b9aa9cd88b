"""How long the commands that answer at once take: python -m bench.startup.

Several runs with warm file caches, pinned to one core, with an existing database. Processor time is
what a machine that does nothing else would take.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import describe_machine
from bench.tables import markdown_table

COMMANDS = ("--help", "status", "failures --help", "submit --help", "run --help", "db path")
RUNS = 5


def main() -> None:
    machine = describe_machine()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ocrq = str(Path(sys.executable).with_name("ocrq"))
    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as home:
        env = {**os.environ, "OCRQ_HOME": home}
        subprocess.run([ocrq, "db", "upgrade"], env=env, check=True, stdout=subprocess.DEVNULL)
        rows = []
        for command in COMMANDS:
            seconds, core_s = [], []
            for _ in range(RUNS):
                started_s, started_core_s = time.perf_counter(), _core_s()
                words = [ocrq, *command.split()]
                subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - started_s)
                core_s.append(_core_s() - started_core_s)
            figures = (min(core_s), min(seconds), max(seconds))
            rows.append([f"ocrq {command}", *(f"{figure:.2f}" for figure in figures)])
    print(f"{machine}; pinned to one core\n")
    print(markdown_table(["command", "processor s", "best s", "worst s"], rows))


def _core_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
