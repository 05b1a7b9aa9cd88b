"""Raises an ordinary exception, as a bug in an engine would.

`make_engine` strikes on every page, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("raises")


def fault() -> None:
    raise RuntimeError("the engine has a bug")


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)


def make_picky() -> Engine:
    return FaultyEngine(INFO, fault, picky=True)
