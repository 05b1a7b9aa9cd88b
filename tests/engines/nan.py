"""Answers with a confidence that is no number, as a model with damaged weights does.

`make_engine` strikes on every line, `make_picky` only on pages that are wider than high and have
text; the others are read as by tests.engines.fake.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ocrq.types import PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from tests.engines.fake import FakeEngine
from tests.engines.faults import info, is_wide

INFO = info("nan")


class NanEngine:
    info = INFO

    def __init__(self, *, picky: bool) -> None:
        self._picky = picky

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        read = FakeEngine().read(lines, options)
        return [
            reading if self._picky and not is_wide(line) else _damaged(reading)
            for line, reading in zip(lines, read, strict=True)
        ]


def _damaged(reading: LineReading) -> LineReading:
    return replace(reading, chars=tuple(replace(c, confidence=math.nan) for c in reading.chars))


def make_engine() -> Engine:
    return NanEngine(picky=False)


def make_picky() -> Engine:
    return NanEngine(picky=True)
