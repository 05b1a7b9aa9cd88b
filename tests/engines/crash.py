"""Dies at once by SIGKILL, as under the kernel's out-of-memory killer.

`make_engine` strikes on every page, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

import os
import signal

from pipeline.engines.engine import Engine
from tests.engines.faults import FaultyEngine, info

INFO = info("crash")


def fault() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make_engine() -> Engine:
    return FaultyEngine(INFO, fault, picky=False)


def make_picky() -> Engine:
    return FaultyEngine(INFO, fault, picky=True)
