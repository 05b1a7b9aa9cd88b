"""The level runs of ink of a page: what is long, or belongs together, shows in few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Level runs of ink (N,), from the top row to the last and from left to right."""

    row: Indices
    x0: Indices
    x1: Indices  # half-open

    @property
    def length(self) -> Indices:
        """Pixels (N,)."""
        return self.x1 - self.x0

    def chosen(self, which: npt.NDArray[np.bool_]) -> Runs:
        """Some of the runs."""
        return Runs(row=self.row[which], x0=self.x0[which], x1=self.x1[which])

    def at_least(self, length_px: int) -> Runs:
        """The runs of this length or more."""
        return self.chosen(self.length >= length_px)


def level_runs(ink: npt.NDArray[np.bool_] | npt.NDArray[np.uint8], gap_px: int = 0) -> Runs:
    """The level runs of ink, those as one that are at most `gap_px` of paper apart.

    Args:
        ink: (H, W) of 0 and 1, 0 = paper.
        gap_px: 0 or more.

    >>> runs = level_runs(np.array([[1, 1, 0, 1], [0, 0, 1, 1]], np.uint8))
    >>> list(zip(runs.row.tolist(), runs.x0.tolist(), runs.x1.tolist()))
    [(0, 0, 2), (0, 3, 4), (1, 2, 4)]
    >>> level_runs(np.array([[1, 1, 0, 1]], np.uint8), gap_px=1).length
    array([4])
    """
    height, width = ink.shape
    # Paper at the right keeps runs of one row from going on in the next; a pixel of it before all.
    pitch = width + gap_px + 1
    padded = np.zeros(height * pitch + 1, np.uint8)
    padded[1:].reshape(height, pitch)[:, :width] = ink.view(np.uint8)
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    starts, ends = edges[::2], edges[1::2]
    if gap_px:
        apart = starts[1:] - ends[:-1] > gap_px
        starts = starts[np.concatenate([[True], apart])[: len(starts)]]
        ends = ends[np.concatenate([apart, [True]])[: len(ends)]]
    row, x0 = np.divmod(starts, pitch)
    return Runs(row=row, x0=x0, x1=ends - row * pitch)
