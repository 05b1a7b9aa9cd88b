"""The level runs of ink of a page: what is long, or belongs together, shows in few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]

_STRIP_PIXELS: Final = 10_000_000  # a page of A4 in one: fresh memory costs less in large pieces


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


def runs_in_strips(
    ink: npt.NDArray[np.bool_] | npt.NDArray[np.uint8], gap_px: int = 0
) -> Iterator[Runs]:
    """The same runs, some rows at a time: those of a large page of noise would fill the memory.

    >>> [runs.row.tolist() for runs in runs_in_strips(np.ones((3, 5), np.uint8))]
    [[0, 1, 2]]
    """
    height, width = ink.shape
    rows = max(1, _STRIP_PIXELS // max(width, 1))
    for top in range(0, height, rows):
        runs = level_runs(ink[top : top + rows], gap_px)
        yield Runs(row=runs.row + top, x0=runs.x0, x1=runs.x1)
