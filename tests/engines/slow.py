"""Takes two seconds, then reads.

`make_engine` strikes on every page, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

import time

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("slow")


def fault() -> None:
    time.sleep(2.0)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)


def make_picky() -> Engine:
    return FaultyEngine(INFO, fault, picky=True)
