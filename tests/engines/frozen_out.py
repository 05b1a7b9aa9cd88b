"""Reads once the gate is open (tests.engines.gated); writing may take two seconds, not 120."""

from __future__ import annotations

import worker.page
from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info
from tests.engines.gated import fault

INFO = info("frozen_out")


def make_engine() -> Engine:
    worker.page._WRITE_S = 2.0
    return FaultyEngine(INFO, fault, picky=False)
