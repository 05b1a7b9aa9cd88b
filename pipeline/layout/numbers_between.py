"""One corridor with numbers in it is one gutter: page numbers of an index, numbers of lines.

Pieces of one or two letters are too small to show columns, so that a gutter is found on both of
their sides. They belong to the lines that they are level with, else to the nearer ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.layout.components import Components, Flags, Floats
from pipeline.layout.row import Indices, median
from pipeline.layout.unlevel import LEAST_LETTERS, Feet

_LEAST_SHARED: Final = 0.5  # of the shorter gutter's length beside the other
_MOST_USED: Final = 0.2  # of the rows between two gutters of one corridor have longer pieces
_LEAST_NUMBERS: Final = 4
_LEVEL: Final = 0.35  # letter heights between the feet of a number and of its line
_MORE_LEVEL: Final = 0.25  # of the numbers: what makes one side theirs
_BESIDE: Final = 0.5  # letter heights from numbers to the end of their column

Span = tuple[float, float, float]  # x, upper and lower end of a corridor, px


class Numbers:
    """Pieces of one or two letters."""

    def __init__(self, found: Components, chains: Sequence[Indices]) -> None:
        """Take the short ones of chains of letters."""
        short = [chain for chain in chains if len(chain) < LEAST_LETTERS]
        self.x0 = np.array([found.x0[chain].min() for chain in short], np.float64)
        self.x1 = np.array([found.x1[chain].max() for chain in short], np.float64)
        self.y = np.array([median(found.y1[chain]) for chain in short], np.float64)

    def gutter_beside(
        self, left: Span, right: Span, feet: Feet, text_height_px: float
    ) -> float | None:
        """Where the column ends that numbers between two gutters do not belong to, px.

        Args:
            left: gutter.
            right: gutter.
            feet: of the page's lines.
            text_height_px: of a typical letter.

        Returns:
            None where no numbers stand there, or none that are level with a line.
        """
        y0, y1 = max(left[1], right[1]), min(left[2], right[2])
        # The corridor is wider than from one gutter to the other, and numbers are white to both.
        own = (self.x1 >= left[0] - text_height_px) & (self.x0 <= right[0] + text_height_px)
        own &= (self.y >= y0) & (self.y <= y1)
        if own.sum() < _LEAST_NUMBERS:
            return None
        x0, x1, reach = self.x0[own], self.x1[own], _LEVEL * text_height_px
        before, behind = feet.x1 <= left[0], feet.x0 >= right[0]
        far = (
            _white(self.y[own], feet.y[before], np.subtract.outer(x0, feet.x1[before]), reach),
            _white(self.y[own], feet.y[behind], -np.subtract.outer(x1, feet.x0[behind]), reach),
        )
        level = [np.isfinite(white) for white in far]
        more = float(level[1].mean() - level[0].mean())
        if abs(more) < _MORE_LEVEL:
            both = level[0] & level[1]
            if not both.any():
                return None
            more = float(np.median(far[0][both]) - np.median(far[1][both]))
        beside = _BESIDE * text_height_px
        return float(x0.min()) - beside if more > 0 else float(x1.max()) + beside


def are_one_corridor(left: Span, right: Span, used: Flags, cell_px: float) -> bool:
    """Whether two gutters stand beside each other with no text between them.

    Args:
        left: gutter.
        right: gutter.
        used: (rows, columns) cells that words touch.
        cell_px: side of a cell.
    """
    y0, y1 = max(left[1], right[1]), min(left[2], right[2])
    shorter = min(left[2] - left[1], right[2] - right[1])
    if y1 - y0 < _LEAST_SHARED * shorter or right[0] <= left[0]:
        return False
    rows = slice(int(y0 / cell_px), int(y1 / cell_px) + 1)
    between = used[rows, int(left[0] / cell_px) : int(right[0] / cell_px) + 1]
    return bool(between.any(axis=1).mean() <= _MOST_USED)


def _white(numbers: Floats, lines: Floats, white: Floats, reach_px: float) -> Floats:
    """White from each number (N,) to the nearest line level with it; infinite without one.

    Args:
        numbers: (N,) feet.
        lines: (M,) feet.
        white: (N, M) between them.
        reach_px: that a foot may be off.
    """
    level = np.abs(np.subtract.outer(numbers, lines)) <= reach_px
    nearest: Floats = np.where(level, white, np.inf).min(axis=1, initial=np.inf)
    return nearest
