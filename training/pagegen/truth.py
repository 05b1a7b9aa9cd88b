"""A drawn page and the truth about it, in pixels of that page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocrq.types import Box, RegionKind
from pipeline.image import GrayImage

Point = tuple[float, float]  # x_px, y_px


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueWord:
    """A word and where its ink is; `chars` has one box for each character of `text`."""

    text: str
    box: Box
    chars: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLine:
    """A line of text; single spaces between its words."""

    words: tuple[TrueWord, ...]
    box: Box
    baseline: tuple[Point, Point]  # left and right end

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRegion:
    """A paragraph, heading, table cell or ruled line; regions are in reading order."""

    kind: RegionKind
    box: Box
    lines: tuple[TrueLine, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnPage:
    """A page as a scanner might have seen it, with what is on it."""

    gray: GrayImage
    dpi: int
    skew_deg: float  # positive: the text runs downhill to the right
    regions: tuple[TrueRegion, ...]

    @property
    def lines(self) -> Iterator[TrueLine]:
        """All lines in reading order."""
        for region in self.regions:
            yield from region.lines

    @property
    def text(self) -> str:
        """The text as ocrq exports it: an empty line between regions, a line break at the end."""
        blocks = (region.text for region in self.regions if region.lines)
        text = "\n\n".join(blocks)
        return f"{text}\n" if text else ""
