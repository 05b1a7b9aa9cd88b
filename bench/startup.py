"""How long the commands that answer at once take: python -m bench.startup.

Best of several runs with warm file caches, pinned to one core, with an existing database.
"""

from __future__ import annotations

import os
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
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ocrq = str(Path(sys.executable).with_name("ocrq"))
    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as home:
        env = {**os.environ, "OCRQ_HOME": home}
        subprocess.run([ocrq, "db", "upgrade"], env=env, check=True, stdout=subprocess.DEVNULL)
        rows = []
        for command in COMMANDS:
            seconds = []
            for _ in range(RUNS):
                started_s = time.perf_counter()
                words = [ocrq, *command.split()]
                subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - started_s)
            rows.append([f"ocrq {command}", f"{min(seconds):.2f}", f"{max(seconds):.2f}"])
    print(f"{describe_machine()}; pinned to one core\n")
    print(markdown_table(["command", "best s", "worst s"], rows))


if __name__ == "__main__":
    main()
