"""Takes its process with it while it is loaded, as a library built for another processor does."""

from __future__ import annotations

import os
import signal

from pipeline.engines.engine import Engine
from tests.engines.faults import info

INFO = info("no_start")


def make_engine() -> Engine:
    os.kill(os.getpid(), signal.SIGILL)
    raise AssertionError("unreachable")
