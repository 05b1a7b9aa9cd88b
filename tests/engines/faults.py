"""A fault that strikes every page, or only pages that are wider than high."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines.engine import LineImage, LineReading
from tests.engines.fake import INFO as FAKE_INFO
from tests.engines.fake import FakeEngine


class FaultyEngine:
    """Commits `fault` instead of reading; pages it spares are read by the fake engine."""

    def __init__(self, info: EngineInfo, fault: Callable[[], None], *, picky: bool) -> None:
        self.info = info
        self._fault = fault
        self._picky = picky

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        if not self._picky or any(is_wide(line) for line in lines):
            self._fault()
        return FakeEngine().read(lines, options)


def is_wide(line: LineImage) -> bool:
    width_px, height_px = line.rotation.source_size
    return width_px > height_px


def info(name: str) -> EngineInfo:
    return EngineInfo(name=name, version="1", weights_sha256=FAKE_INFO.weights_sha256)
