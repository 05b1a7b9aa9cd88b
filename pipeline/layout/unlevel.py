"""Lines on the two sides of a corridor that do not stand level are those of two columns.

Speeches of a play, or verses, are too short and too ragged to be told from cells by their width;
but cells of one row stand on one line, and columns are level by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.layout.components import Components, Flags, Floats
from pipeline.layout.row import Indices, median

LEAST_LETTERS: Final = 3  # of a line
_LEAST_LINES: Final = 8  # on either side
_LEVEL: Final = 0.25  # letter heights between the feet of two lines that may be one row
_LEAST_ROWS: Final = 0.8  # of the lines are level: they may be cells
_INDENT: Final = 4.0  # letter heights that lines of a column begin or end behind the first
#: Entries of an index: lines on either side, how many of them begin at the column's edge or hang
#: behind it (letter heights), and how many that hang are level with none that does.
_LEAST_ENTRIES: Final = 15
_EDGE: Final = 0.7
_HANGING: Final = (1.0, 5.0)
_LEAST_SET: Final = 0.9
_LEAST_HANGING: Final = 2
_OWN_HANGING: Final = 0.6  # of those that would be by chance
_MOST_LEVEL: Final = 0.5  # of the lines; of a table nearly all, of columns by chance a quarter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feet:
    """Where lines, or pieces of them, stand: (N,) each, px."""

    x0: Floats
    x1: Floats
    y: Floats

    @classmethod
    def of(cls, found: Components, chains: Sequence[Indices]) -> Feet:
        """Those of chains of three letters and more."""
        lines = [chain for chain in chains if len(chain) >= LEAST_LETTERS]
        return cls(
            x0=np.array([found.x0[line].min() for line in lines], np.float64),
            x1=np.array([found.x1[line].max() for line in lines], np.float64),
            y=np.array([median(found.y1[line]) for line in lines], np.float64),
        )

    def are_unlevel(self, x_px: float, y0_px: float, y1_px: float, text_height_px: float) -> bool:
        """Whether most lines left of a corridor have none level at its right, or the reverse.

        Args:
            x_px: of the corridor.
            y0_px: its upper end.
            y1_px: its lower end.
            text_height_px: of a typical letter.
        """
        return self._level_share(x_px, y0_px, y1_px, text_height_px) <= _MOST_LEVEL

    def are_rows(self, x_px: float, y0_px: float, y1_px: float, text_height_px: float) -> bool:
        """Whether nearly all lines on one side have one level with them on the other, as cells do.

        Takes what `are_unlevel` takes.
        """
        share = self._level_share(x_px, y0_px, y1_px, text_height_px)
        return share >= _LEAST_ROWS

    def are_entries(self, x_px: float, y0_px: float, y1_px: float, text_height_px: float) -> bool:
        """Whether entries of an index are on both sides, though they stand level and are ragged.

        Where an entry needs a second line, this hangs behind the edge of its column, and the line
        beside it does not. Takes what `are_unlevel` takes.
        """
        t = text_height_px
        left, right = self._sides(x_px, y0_px, y1_px)
        if min(np.count_nonzero(left), np.count_nonzero(right)) < _LEAST_ENTRIES:
            return False
        left &= self.x1 > -_column_end(-self.x1[left], -self.x0[left], t)
        right &= self.x0 < _column_end(self.x0[right], self.x1[right], t)
        feet, hangs = [], []
        for side in (left, right):
            lines = _lines(self.y[side], t)
            if len(lines) < _LEAST_ENTRIES:
                return False
            of = np.searchsorted(lines, self.y[side], side="right") - 1
            first = np.full(len(lines), np.inf)
            np.minimum.at(first, of, self.x0[side])
            behind = (first - np.percentile(first, 25.0)) / t
            is_behind = (behind >= _HANGING[0]) & (behind <= _HANGING[1])
            is_set = is_behind | (np.abs(behind) <= _EDGE)
            if is_set.mean() < _LEAST_SET or is_behind.sum() < _LEAST_HANGING:
                return False
            feet.append(lines)
            hangs.append(is_behind)
        off = np.abs(np.subtract.outer(feet[0][hangs[0]], feet[1][hangs[1]]))
        alone = [(off.min(axis=1 - k) > _LEVEL * t).mean() for k in (0, 1)]
        return all(alone[k] >= _OWN_HANGING * (1 - hangs[1 - k].mean()) for k in (0, 1))

    def _level_share(self, x_px: float, y0_px: float, y1_px: float, text_height_px: float) -> float:
        """Of the lines on the side with fewer, those level with another; NaN of less than eight."""
        left, right = self._sides(x_px, y0_px, y1_px)
        # Lines of the columns behind the next may well be level with those beyond the corridor.
        left &= self.x1 > -_column_end(-self.x1[left], -self.x0[left], text_height_px)
        right &= self.x0 < _column_end(self.x0[right], self.x1[right], text_height_px)
        feet = (_lines(self.y[side], text_height_px) for side in (left, right))
        few, many = sorted(feet, key=len)
        if len(few) < _LEAST_LINES:
            return math.nan
        off = np.abs(np.subtract.outer(few, many)).min(axis=1)
        return float((off <= _LEVEL * text_height_px).mean())

    def least_width(self, x_px: float, y0_px: float, y1_px: float, text_height_px: float) -> float:
        """Typical width of whole lines, cells and all, on the side where they are narrower, px.

        Args:
            x_px: of the corridor.
            y0_px: its upper end.
            y1_px: its lower end.
            text_height_px: of a typical letter.
        """
        widths = []
        for side in self._sides(x_px, y0_px, y1_px):
            x0, x1, y = self.x0[side], self.x1[side], self.y[side]
            feet = _lines(y, text_height_px)
            of = np.searchsorted(feet, y, side="right") - 1
            lines = range(len(feet))
            spans = [x1[of == line].max() - x0[of == line].min() for line in lines]
            widths.append(float(np.median(spans)) if spans else 0.0)
        return min(widths)

    def _sides(self, x_px: float, y0_px: float, y1_px: float) -> tuple[Flags, Flags]:
        """(N,) which stand left of a corridor, and which at its right."""
        amid = (self.y >= y0_px) & (self.y <= y1_px)
        return amid & (self.x1 <= x_px), amid & (self.x0 >= x_px)


def _column_end(near: Floats, far: Floats, text_height_px: float) -> float:
    """Where the column that is nearest to a corridor ends, away from it.

    Args:
        near: (N,) ends of lines towards the corridor, growing away from it.
        far: (N,) their other ends.
        text_height_px: of a typical letter.
    """
    if not len(near):
        return math.inf
    return float(np.median(far[near <= near.min() + _INDENT * text_height_px]))


def _lines(feet: Floats, text_height_px: float) -> Floats:
    """One foot for each line: pieces of a line stand level.

    >>> _lines(np.array([50.0, 20.0, 21.0]), 10.0).tolist()
    [20.0, 50.0]
    """
    ordered = np.sort(feet)
    return ordered[np.diff(ordered, prepend=-np.inf) > text_height_px / 2]
