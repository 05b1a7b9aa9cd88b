"""Takes a fifth of a second, then reads as tests.engines.fake: long enough to be killed at it."""

from __future__ import annotations

import time

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("steady")


def fault() -> None:
    time.sleep(0.2)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)
