"""Which cells of a page words touch, and what is left and right of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags, Ints

Indices = npt.NDArray[np.intp]
Counts = npt.NDArray[np.integer[Any]]
Side = tuple[Counts, Counts]  # for each cell: white cells to the nearest text, width of that text
Beside = tuple[Side, Side]  # on the left, on the right

CELL: Final = 0.5  # side of a grid cell in letter heights
_WORD_GAP: Final = 2.0  # gaps inside of a text column are narrower
_LETTER_GAP: Final = 1.0  # gaps inside of a line that the grid takes for ink
_SPACED: Final = 1.5  # gaps of its letters: the most white between letters of a spaced word
_LEAST_SPACED: Final = 5  # letters that show how far apart they are
_LEAST_CHAIN: Final = 3  # letters; less may be dirt in the fold
_NOWHERE: Final = np.int32(-(10**6))  # a cell far left of the page


def occupancy(
    found: Components, chains: Sequence[Indices], text_height_px: float, cell_px: float
) -> Flags:
    """(rows, columns) of cells that a word touches; words are as high as their chain's band."""
    chains = [chain for chain in chains if len(chain) >= _LEAST_CHAIN]
    if not chains:
        return np.zeros((0, 0), np.bool_)
    members = np.concatenate(chains)
    count = np.array([len(chain) for chain in chains])
    of = np.repeat(np.arange(len(chains)), count)
    top, bottom = (_middle(v[members], of, count)[of] for v in (found.y0, found.y1))
    left, right = found.x0[members], found.x1[members].copy()
    gap = left[1:] - right[:-1]
    # Words of a heading are as far apart as it is high, and its letters may be all evenly spaced.
    most = _LETTER_GAP * np.maximum(bottom - top, text_height_px)[1:]
    same = of[1:] == of[:-1]
    usual = np.where(count >= _LEAST_SPACED, _middle(gap[same], of[1:][same], count - 1), 0)
    most = np.maximum(most, _SPACED * usual[of[1:]])
    filled = np.flatnonzero(same & (gap > 0) & (gap <= most))
    right[filled] = left[filled + 1]
    height, width = found.labels.shape
    rows, columns = int(height // cell_px) + 1, int(width // cell_px) + 1
    # Summed-area trick: +1 and -1 at the corners of every box, then two running sums.
    corners = np.zeros((rows + 1, columns + 1), np.int32)
    x0, y0 = ((v / cell_px).astype(np.intp) for v in (left, top))
    x1, y1 = (((v - 1) / cell_px).astype(np.intp) + 1 for v in (right, bottom))
    for y, x, sign in ((y0, x0, 1), (y0, x1, -1), (y1, x0, -1), (y1, x1, 1)):
        np.add.at(corners, (y, x), sign)
    used: Flags = corners.cumsum(axis=0).cumsum(axis=1)[:rows, :columns] > 0
    return used


def _middle(values: Ints, of: Indices, count: Counts) -> Ints:
    """The upper median of the values of each chain."""
    ordered = values[np.lexsort((values, of))]
    middle: Ints = ordered[np.cumsum(count) - count + count // 2]
    return middle


def beside_of(used: Flags) -> Beside:
    """White cells to the nearest text and how wide that text is: on the left, on the right."""
    gap, run = _left_of(used[:, ::-1])
    return _left_of(used), (gap[:, ::-1], run[:, ::-1])


def with_rims(beside: Beside, rim: Ints) -> Beside:
    """The same where what is beside a cell is wider by a rim that the grid leaves white.

    Args:
        beside: of each cell.
        rim: (rows, columns) width of the rim on either side of what a cell belongs to, cells.
    """
    at = np.arange(rim.shape[1])
    sides = []
    for step, (gap, run) in zip((-1, 1), beside, strict=True):
        nearest = np.clip(at + step * (gap + 1), 0, rim.shape[1] - 1).astype(np.intp)
        own = np.where(run > 0, np.take_along_axis(rim, nearest, axis=1), 0)
        sides.append((np.maximum(gap - own, 0), run + 2 * own))
    return sides[0], sides[1]


def _left_of(used: Flags) -> Side:
    """For each cell: white cells to the nearest text on its left, and how wide that text is."""
    # A column of cells at a time: along rows each step would wait for the one before.
    used = np.ascontiguousarray(used.T)
    at = np.arange(len(used), dtype=np.int32)[:, None]
    last = np.maximum.accumulate(np.where(used, at, _NOWHERE), axis=0)
    before = np.concatenate([np.full_like(last[:1], _NOWHERE), last[:-1]])
    starts = used & (at - before > round(_WORD_GAP / CELL))
    start = np.maximum.accumulate(np.where(starts, at, _NOWHERE), axis=0)
    return (at - before - 1).T, np.where(last >= 0, last - start + 1, 0).T
