"""Finds no text at all."""

from __future__ import annotations

from collections.abc import Sequence

from ocrq.types import PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from tests.engines.faults import info

INFO = info("empty")


class EmptyEngine:
    info = INFO

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        return [LineReading() for _ in lines]


def make_engine() -> Engine:
    return EmptyEngine()
