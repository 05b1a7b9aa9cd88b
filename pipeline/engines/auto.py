"""The default engine: lines by the line recogniser, what it doubts by the character engine too.

The line recogniser reads everything, for it is better and faster on print, typescript and most of
what is written by hand. Where it doubts a character, the character network is shown that one
(`second_look`, docs/decisions/0032). Where it still doubts the line, the character engine reads all
of it as well, and the reading that expects the larger share of right characters stays; both
engines' confidences are calibrated, so they can be compared (docs/decisions/0019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from pipeline.engines.registry import join_infos


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When the character engine is asked, and when it is believed."""

    ask_below: float = 0.70  # expected share of right characters of the line recogniser's reading
    lead: float = 0.10  # by which the other reading must be ahead
    trust_from: float = 0.80  # expected share of right characters that the other must have

    def doubts(self, reading: LineReading) -> bool:
        """Whether a reading of the line recogniser wants a second one.

        An empty one and dirt do not: of a stain the character engine would make letters.
        """
        is_text = bool(reading.chars) and not reading.is_dirt
        return is_text and expected_share(reading) < self.ask_below

    def prefers_second(self, first: LineReading, second: LineReading) -> bool:
        """Whether the character engine's reading is good, and clearly the better one."""
        if second.is_dirt:
            return False
        share = expected_share(second)
        return share >= self.trust_from and share > expected_share(first) + self.lead


def expected_share(reading: LineReading) -> float:
    """Expected share of right characters, what may be missing counted as wrong; 0 if empty."""
    if not reading.chars:
        return 0.0
    missing = reading.missing_risk or 0.0
    return sum(c.confidence for c in reading.chars) / (len(reading.chars) + missing)


class AutoEngine:
    """Reads lines with the better of two engines."""

    def __init__(
        self, first: Engine, second: Engine, rule: Rule, *, quick: Engine | None = None
    ) -> None:
        """An engine.

        Args:
            first: reads all lines.
            second: reads those in doubt, too.
            rule: which they are, and which reading stays.
            quick: `first` without a second look.
        """
        self._first = first
        self._second = second
        self._rule = rule
        self._quick = quick or first

    @property
    def info(self) -> EngineInfo:
        return join_infos(self._first.info, self._second.info)

    @property
    def quick(self) -> Engine:
        """What tells which way up a page is: lines held wrongly are all in doubt."""
        return self._quick

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page; each reading names its engine. See `Engine.read`."""
        readings = [_named(r, self._first) for r in self._first.read(lines, options)]
        doubtful = [k for k, reading in enumerate(readings) if self._rule.doubts(reading)]
        if doubtful:
            again = self._second.read([lines[k] for k in doubtful], options)
            for k, second in zip(doubtful, again, strict=True):
                if self._rule.prefers_second(readings[k], second):
                    readings[k] = _named(second, self._second)
        return readings


def _named(reading: LineReading, engine: Engine) -> LineReading:
    return replace(reading, engine=engine.info.name)


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> AutoEngine:
    """Load the newest weights of both.

    Raises:
        ModelError: weights are missing or damaged.
    """
    from pipeline.engines import crnn, resnet
    from pipeline.engines.second_look import SecondLook

    second = resnet.make_engine(device)
    first = crnn.make_engine(device)
    return AutoEngine(
        first.looking_twice(SecondLook(second.classifier)), second, Rule(), quick=first
    )
