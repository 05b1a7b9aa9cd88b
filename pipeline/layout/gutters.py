"""White corridors between columns of running text.

A corridor is a gutter only when text stands on both of its sides for at least eight lines and both
sides are wide enough to be columns of words: the amounts on a receipt are a table, and its rows
are read across.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags

Indices = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]

#: A page with more is a pattern or noise, and has no columns.
MAX_GUTTERS: Final = 20
_CELL: Final = 0.5  # side of a grid cell in letter heights
_LEAST_RUN: Final = 18.0  # length of a gutter in letter heights, about eight lines
_LEAST_WIDTH: Final = 1.0  # white on every line; rivers of word gaps are narrower
_LEAST_COLUMN: Final = 9.0  # typical width of the text beside it
_REACH: Final = 4.0  # how far from the gutter the text beside it may end
_WORD_GAP: Final = 2.0  # gaps inside of a text column are narrower


@dataclass(frozen=True, slots=True, kw_only=True)
class Gutter:
    """Text left of `x_px` and text right of it are in different columns from y0 to y1."""

    x_px: float
    y0_px: float
    y1_px: float


def find_gutters(found: Components, body: Indices, text_height_px: float) -> tuple[Gutter, ...]:
    """The gutters of a page, from left to right."""
    cell_px = max(1.0, _CELL * text_height_px)
    used = _occupancy(found, body, cell_px)
    if used.shape[0] < _LEAST_RUN / _CELL or used.shape[1] < 2 * _LEAST_COLUMN / _CELL:
        return ()
    left_gap, left_run = _beside(used)
    right_gap, right_run = (a[:, ::-1] for a in _beside(used[:, ::-1]))
    reach = round(_REACH / _CELL)
    both = (left_gap <= reach) & (right_gap <= reach) & ~used
    columns: list[tuple[int, int, int]] = []
    for x in np.flatnonzero(both.sum(axis=0) >= 0.4 * _LEAST_RUN / _CELL):
        for y0, y1 in _runs(~used[:, x], round(_LEAST_RUN / _CELL)):
            rows = both[y0:y1, x]
            beside = (left_gap[y0:y1, x] <= reach) | (right_gap[y0:y1, x] <= reach)
            # Line gaps are white, so about half of the rows of a column have text.
            if rows.sum() < max(0.4 * _LEAST_RUN / _CELL, 0.5 * beside.sum()):
                continue
            widths = (left_run[y0:y1, x][rows], right_run[y0:y1, x][rows])
            if min(np.median(w) for w in widths) * _CELL < _LEAST_COLUMN:
                continue
            inside = np.flatnonzero(rows)
            if np.ptp(inside) >= _LEAST_RUN / _CELL:
                columns.append((int(x), y0 + int(inside[0]), y0 + int(inside[-1]) + 1))
    return _group(columns, cell_px)


def _occupancy(found: Components, body: Indices, cell_px: float) -> Flags:
    """(rows, columns) of cells that a letter touches."""
    height, width = found.labels.shape
    rows, columns = int(height // cell_px) + 1, int(width // cell_px) + 1
    # Summed-area trick: +1 and -1 at the corners of every box, then two running sums.
    corners = np.zeros((rows + 1, columns + 1), np.int32)
    x0, y0 = ((v[body] / cell_px).astype(np.intp) for v in (found.x0, found.y0))
    x1, y1 = (((v[body] - 1) / cell_px).astype(np.intp) + 1 for v in (found.x1, found.y1))
    for y, x, sign in ((y0, x0, 1), (y0, x1, -1), (y1, x0, -1), (y1, x1, 1)):
        np.add.at(corners, (y, x), sign)
    used: Flags = corners.cumsum(axis=0).cumsum(axis=1)[:rows, :columns] > 0
    return used


def _beside(used: Flags) -> tuple[Counts, Counts]:
    """For each cell: white cells to the nearest text on its left, and how wide that text is."""
    rows, columns = used.shape
    at = np.arange(columns)
    last = np.maximum.accumulate(np.where(used, at, -(10**6)), axis=1)
    before = np.concatenate([np.full((rows, 1), -(10**6)), last[:, :-1]], axis=1)
    starts = used & (at - before > round(_WORD_GAP / _CELL))
    start = np.maximum.accumulate(np.where(starts, at, -(10**6)), axis=1)
    return at - before - 1, np.where(last >= 0, last - start + 1, 0)


def _runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [
        (int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least
    ]


def _group(columns: list[tuple[int, int, int]], cell_px: float) -> tuple[Gutter, ...]:
    """Neighbouring cell columns of one corridor become one gutter in its middle."""
    groups: list[list[tuple[int, int, int]]] = []
    for x, y0, y1 in sorted(columns):
        for group in groups:
            last = group[-1]
            if x - last[0] <= 1 and y0 < last[2] and last[1] < y1:
                group.append((x, y0, y1))
                break
        else:
            groups.append([(x, y0, y1)])
    gutters = tuple(
        Gutter(
            x_px=float(np.mean([x for x, _, _ in g]) + 0.5) * cell_px,
            y0_px=min(y0 for _, y0, _ in g) * cell_px,
            y1_px=max(y1 for _, _, y1 in g) * cell_px,
        )
        for g in groups
        if len(g) >= _LEAST_WIDTH / _CELL
    )
    return gutters if len(gutters) <= MAX_GUTTERS else ()
