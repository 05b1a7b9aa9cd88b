"""Reads once the gate is open, a file in the data folder: pages are at work until a test lets go.

`make_engine` waits on every page, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("gated")


def gate(home: str) -> Path:
    """The file that opens the gate of all workers with this data folder."""
    return Path(home, "gate-is-open")


def fault() -> None:
    while not gate(os.environ["OCRQ_HOME"]).exists():
        time.sleep(0.02)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)


def make_picky() -> Engine:
    return FaultyEngine(INFO, fault, picky=True)
