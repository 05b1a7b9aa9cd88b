"""Pages a second with one process and with more, with the real engine: what another core brings.

`ocrq run` reads the same scans with each number of processes in turn, a new database each time. The
rate counts from the first claim to the last result, so neither the start nor the loading of models
is in it. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions
from store.database import Database
from store.schema import pages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scans", type=Path, help="a folder of scans, some dozen pages at least")
    parser.add_argument("--engine", default=PageOptions().engine)
    parser.add_argument("--processes", default="1,2", help="numbers of processes")
    parser.add_argument("--rounds", type=int, default=3)


def run(asked: argparse.Namespace) -> None:
    numbers = [int(number) for number in asked.processes.split(",")]
    rates: dict[int, list[float]] = {number: [] for number in numbers}
    for _ in range(asked.rounds):
        for number in numbers:
            rates[number].append(_rate(asked.scans, asked.engine, number))
    one = statistics.median(rates[numbers[0]]) / numbers[0]
    rows = []
    for number in numbers:
        rate = statistics.median(rates[number])
        rows.append([str(number), f"{rate:.2f}", f"{rate / number / one:.0%}"])
    print(f"{describe_machine()}; {asked.engine}, {asked.scans}, median of {asked.rounds} runs\n")
    print(markdown_table(["processes", "pages a second", "efficiency"], rows))


def _rate(scans: Path, engine: str, processes: int) -> float:
    with tempfile.TemporaryDirectory(prefix="ocrq-scale-") as home:
        ocrq = str(Path(sys.executable).with_name("ocrq"))
        command = [ocrq, "run", str(scans), "--engine", engine, "--concurrency", str(processes)]
        subprocess.run(
            command,
            env={**os.environ, "OCRQ_HOME": home},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        db = Database.open(f"sqlite:///{Path(home) / 'ocrq.db'}")
        try:
            with db.read() as conn:
                count, first, last = conn.execute(
                    select(func.count(), func.min(pages.c.claimed_at), func.max(pages.c.done_at))
                    .select_from(pages)
                    .where(pages.c.reading_id.is_not(None))
                ).one()
        finally:
            db.close()
    return float(count) / _seconds(first, last)


def _seconds(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds()
