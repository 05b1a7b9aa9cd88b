"""Takes memory, and touches it, until the process has no more.

`make_engine` strikes on every page, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

import mmap

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("oom")


def fault() -> None:
    held = []
    while True:
        block = bytearray(64 * 2**20)
        for k in range(0, len(block), mmap.PAGESIZE):
            block[k] = 1
        held.append(block)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)


def make_picky() -> Engine:
    return FaultyEngine(INFO, fault, picky=True)
