"""Finds no text at all."""

from __future__ import annotations

from collections.abc import Sequence

from ocrq.types import CharResult, PageOptions
from pipeline.engines.engine import Engine, LineImage
from tests.engines.faults import info

INFO = info("empty")


class EmptyEngine:
    info = INFO

    def read(
        self, lines: Sequence[LineImage], options: PageOptions
    ) -> list[tuple[CharResult, ...]]:
        return [() for _ in lines]


def make_engine() -> Engine:
    return EmptyEngine()
