"""Sleeps for ten minutes, then reads: a page that is at work until somebody stops it."""

from __future__ import annotations

import time

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("sleepy")


def fault() -> None:
    time.sleep(600.0)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)
