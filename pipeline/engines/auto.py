"""The default engine: two networks for lines, and a third for the characters that they doubt.

One line network reads everything; lines that turn out to be hand print are read by another one,
which was trained on those (`hand_lines`). Where either doubts a character, the character network
looks at that one (`second_look`). Whole lines were read by the character network, too, for a while;
that gained nothing any more (docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from pipeline.engines.registry import engine_info, join_infos


class AutoEngine:
    """The line recognisers with a second look, under the name of all models."""

    def __init__(self, reader: Engine, asked: Sequence[EngineInfo], *, quick: Engine) -> None:
        """An engine.

        Args:
            reader: the line recogniser that asks others.
            asked: models of the networks that it asks.
            quick: the line recogniser that does not: lines held wrongly are all in doubt.
        """
        self._reader = reader
        self._asked = asked
        self.quick = quick

    @property
    def info(self) -> EngineInfo:
        return join_infos(self._reader.info, *self._asked)

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page; each reading names who read it. See `Engine.read`."""
        name = self._reader.info.name
        return [
            replace(reading, engine=reading.engine or name)
            for reading in self._reader.read(lines, options)
        ]


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> AutoEngine:
    """Load the newest weights of all.

    Raises:
        ModelError: weights are missing or damaged.
    """
    from pipeline.engines import crnn
    from pipeline.engines.hand_lines import shipped_hand
    from pipeline.engines.second_look import shipped_look

    reader = crnn.make_engine(device)
    hand = shipped_hand(device)
    asking = reader.with_hand(hand).looking_twice(shipped_look(device))
    return AutoEngine(asking, [hand.info, engine_info("resnet")], quick=reader)
