"""A page as the XML formats want it: blocks with their lines, lines with their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from export.clean import clean_text
from ocrq.types import Box, CharResult, LineResult, PageResult, RegionKind, RegionResult

_CONFIDENCE_DIGITS = 6  # the database keeps 24 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedLine:
    """A line with its number on the page, from 0."""

    number: int
    line: LineResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A region with its lines in reading order."""

    region: RegionResult
    lines: tuple[NumberedLine, ...]

    def cells(self) -> Iterator[tuple[tuple[int, int] | None, list[NumberedLine]]]:
        """The lines by the cell (row, column) of the table that they are in; None: in none."""
        for cell, lines in groupby(self.lines, key=lambda numbered: numbered.line.cell):
            yield cell, list(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Characters between spaces, at least one."""

    chars: tuple[CharResult, ...]

    @property
    def text(self) -> str:
        """Clean, a code point a character."""
        return clean_text("".join(c.char for c in self.chars))

    @property
    def confidence(self) -> float:
        """A word is as sure as its least certain character (docs/models.md)."""
        return min(c.confidence for c in self.chars)

    @property
    def box(self) -> Box:
        return Box.union(c.box for c in self.chars)


def page_blocks(result: PageResult) -> list[Block]:
    """Every region of the page in reading order, pictures and rules included.

    Lines of a region that is not there (none is known) get a block of their own at the end.
    """
    lines: dict[int, list[NumberedLine]] = {r.number: [] for r in result.regions}
    for number, line in enumerate(result.lines):
        lines.setdefault(line.region, []).append(NumberedLine(number=number, line=line))
    known = {r.number: r for r in result.regions}
    return [
        Block(region=known.get(number) or _region_around(number, own), lines=tuple(own))
        for number, own in lines.items()
    ]


def _region_around(number: int, lines: list[NumberedLine]) -> RegionResult:
    box = Box.union(numbered.line.box for numbered in lines)
    return RegionResult(number=number, kind=RegionKind.TEXT, box=box)


def line_words(line: LineResult) -> list[Word]:
    """The words of a line: what stands between its spaces."""
    groups = groupby(line.chars, key=lambda c: c.char.isspace())
    return [Word(chars=tuple(chars)) for is_space, chars in groups if not is_space]


def baseline_points(line: LineResult) -> str:
    """Both ends as the standards write points, whole pixels: `x,y x,y`."""
    return " ".join(f"{max(0, round(x_px))},{max(0, round(y_px))}" for x_px, y_px in line.baseline)


def decimal(confidence: float, factor: int = 1) -> str:
    """A probability as XML has numbers: plain digits, no exponent.

    >>> decimal(1.0), decimal(0.25), decimal(0.0000001), decimal(0.98765432, factor=100)
    ('1', '0.25', '0', '98.765432')
    """
    return f"{confidence * factor:.{_CONFIDENCE_DIGITS}f}".rstrip("0").rstrip(".")


def coordinates_of(result: PageResult) -> str:
    """What the coordinates of a file are of, for people."""
    turn = f", turned clockwise by {result.rotation_deg} degrees" if result.rotation_deg else ""
    return (
        "Coordinates are pixels of the upright page, from its upper left corner: of the scan as "
        f"its orientation tag shows it{turn}, with square pixels, before deskew."
    )
