"""The way down a page along which there is most ink and least paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_LOSS: Final = 2.0  # for a pixel of paper on the path, against 1 for one of ink
_TURN: Final = 0.3  # for a step aside
_PARTS: Final = 12  # of a path, each held against a straight line
_STRAIGHT_PX: Final = 0.8  # that a rule strays from it at most; creases 0.6 to 2.5
_JAGGED: Final = 0.5  # of the parts stray further


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InkPath:
    """A column for each row from `first` on."""

    first: int
    columns: Indices
    gain: float  # its pixels of ink, less twice those of paper and a little for each step aside

    def in_pixels(self, factor: int, height_px: int) -> tuple[Indices, Indices]:
        """Rows and columns of it on a page that is so many times larger."""
        end = self.first + len(self.columns)
        rows = np.arange(self.first * factor, min(height_px, end * factor))
        middles = (np.arange(self.first, end) + 0.5) * factor
        columns = np.interp(rows + 0.5, middles, (self.columns + 0.5) * factor)
        return rows, columns.astype(np.int64)


def find_path_down(ink: Flags) -> InkPath:
    """The path of the highest gain, from any row to any other (Smith and Waterman 1981).

    Args:
        ink: (H, W), small: one step of the search for each row.
    """
    height, width = ink.shape
    gains = np.where(ink, np.float32(1), np.float32(-_LOSS))
    scores = np.zeros((height + 1, width + 2), np.float32)  # a row and columns of margin
    scores[:, [0, -1]] = -np.inf
    came = np.zeros((height, width), np.int8)
    for y in range(height):
        above, steps = scores[y], came[y]
        best = above[1:-1].copy()
        for step, side in ((-1, above[:-2] - _TURN), (1, above[2:] - _TURN)):
            is_better = side > best
            best[is_better], steps[is_better] = side[is_better], step
        scores[y + 1, 1:-1] = np.maximum(best, 0) + gains[y]
    row, column = (int(k) for k in np.unravel_index(int(scores[1:, 1:-1].argmax()), ink.shape))
    gain = float(scores[row + 1, column + 1])
    columns = [column]
    while row > 0:
        column += int(came[row, column])
        if scores[row, column + 1] <= 0:
            break
        columns.append(column)
        row -= 1
    return InkPath(first=row, columns=np.array(columns[::-1], np.int64), gain=gain)


def is_jagged(rows: Indices, columns: Floats) -> bool:
    """Whether points of a path stray from a straight line in most of its parts."""
    parts = zip(np.array_split(rows, _PARTS), np.array_split(columns, _PARTS), strict=True)
    strays = [_stray_px(x, y) > _STRAIGHT_PX for x, y in parts if len(x) > 2]
    return len(strays) > 0 and float(np.mean(strays)) >= _JAGGED


def _stray_px(x: Indices, y: Floats) -> float:
    """How far points are from their line, the standard deviation."""
    return float(np.std(y - np.polynomial.Polynomial.fit(x, y, 1)(x)))
