"""Says which model it is, but its weights can not be loaded."""

from __future__ import annotations

from ocrq.errors import ModelError
from pipeline.engines.engine import Engine
from tests.engines.faults import info

INFO = info("no_model")


def make_engine() -> Engine:
    raise ModelError("the weights of no_model are missing")
