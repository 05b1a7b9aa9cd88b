"""`ocrq submit` itself by how much is queued already: files a second of processor.

Real small files, looked into one by one as always; each size's database gets the same folders, in
turns.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.processor_time import Meter
from bench.submit import draw_files
from store.database import Database

_FOLDER_FILES = 500  # of bench.submit
ROUNDS = 3


def submit_files(dbs: Mapping[int, Database], count: int) -> dict[int, Meter]:
    """Submit `count` files to each database, in three turns; a step of the meter is one file."""
    meters = {size: Meter(db) for size, db in dbs.items()}
    with tempfile.TemporaryDirectory(prefix="ocrq-scale-") as name:
        scans = Path(name) / "scans"
        draw_files(scans, count)
        folders = sorted(scans.iterdir())
        for turn in range(ROUNDS):
            for meter in meters.values():
                _submit(meter, folders[turn::ROUNDS], Path(name) / "home", f"turn-{turn}")
    return meters


def _submit(meter: Meter, folders: list[Path], home: Path, name: str) -> None:
    ocrq = str(Path(sys.executable).with_name("ocrq"))
    command = [ocrq, "submit", *map(str, folders), "--batch", name]
    env = {**os.environ, "OCRQ_HOME": str(home), "OCRQ_DATABASE_URL": meter.db.url}
    files = len(folders) * _FOLDER_FILES
    before, wall_s = os.times(), os.times().elapsed
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    spent_s = after.children_user + after.children_system
    spent_s -= before.children_user + before.children_system
    meter.client_ms += 1000 * spent_s
    meter.wall_ms += [1000 * (after.elapsed - wall_s) / files] * files
