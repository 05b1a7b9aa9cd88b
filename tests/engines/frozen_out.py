"""Reads once a file called `go` is in the data folder; writing may take two seconds, not 120."""

from __future__ import annotations

import os
import time
from pathlib import Path

import worker.page
from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("frozen_out")


def fault() -> None:
    while not Path(os.environ["OCRQ_HOME"], "go").exists():
        time.sleep(0.02)


def make_engine() -> Engine:
    worker.page._WRITE_S = 2.0
    return FaultyEngine(INFO, fault, picky=False)
