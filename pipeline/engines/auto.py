"""The default engine: lines by the line recogniser, what it doubts shown to the character network.

The line recogniser reads everything, for it is better and faster on print, typescript and most of
what is written by hand. Where it doubts a character, the character network looks at that one
(`second_look`). Whole lines were read by both for a while; that gained nothing any more
(docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from pipeline.engines.registry import engine_info, join_infos


class AutoEngine:
    """The line recogniser with a second look, under the name of both models."""

    def __init__(self, reader: Engine, characters: EngineInfo, *, quick: Engine) -> None:
        """An engine.

        Args:
            reader: the line recogniser that looks twice.
            characters: model of the network that it asks.
            quick: the line recogniser that does not: lines held wrongly are all in doubt.
        """
        self._reader = reader
        self._characters = characters
        self.quick = quick

    @property
    def info(self) -> EngineInfo:
        return join_infos(self._reader.info, self._characters)

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page; each reading names who read it. See `Engine.read`."""
        name = self._reader.info.name
        return [replace(reading, engine=name) for reading in self._reader.read(lines, options)]


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> AutoEngine:
    """Load the newest weights of both.

    Raises:
        ModelError: weights are missing or damaged.
    """
    from pipeline.engines import crnn
    from pipeline.engines.second_look import shipped_look

    reader = crnn.make_engine(device)
    twice = reader.looking_twice(shipped_look(device))
    return AutoEngine(twice, engine_info("resnet"), quick=reader)
