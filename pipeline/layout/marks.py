"""Dots, commas, dashes, quotes and splinters find the row they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components
from pipeline.layout.row import Row

Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

_ABOVE: Final = 0.6  # accents and the dots of capitals, in row heights above the band
_BELOW: Final = 0.45  # commas and cedillas
_BESIDE: Final = 1.3  # white before a mark that stands outside of the row, in row heights
_IN_BAND: Final = 0.35  # of a mark outside of the row, in row heights off its band at most
_APART: Final = 0.1  # of the white before it a mark counts as off the band
_SMALLEST: Final = 0.1  # side of a mark outside of the row; smaller ones are dust


def add_marks(found: Components, rows: Sequence[Row], mark: Indices) -> list[Row]:
    """Give every mark to the row whose band it is in or nearest to; the others are dust.

    A row grows over marks at its ends, so dotted leaders and "- 12 -" stay in it.
    """
    middle_y = (found.y0[mark] + found.y1[mark]) / 2.0
    mark, middle_y = mark[np.argsort(middle_y)], np.sort(middle_y)
    owner = np.full(len(mark), -1, np.intp)
    distance = np.full(len(mark), np.inf)
    for k, row in enumerate(rows):
        first, last = _reach(row, middle_y)
        near = mark[first:last]
        out = _outside(found, row, near, middle_y[first:last])
        gap = np.maximum(found.x0[near] - row.x1, row.x0 - found.x1[near]) / row.height
        beside = (gap <= _BESIDE) & (out <= _IN_BAND) & _is_large(found, row, near)
        out = out + _APART * np.maximum(gap, 0.0)
        better = (_between(found, row, near) | beside) & (out < distance[first:last])
        distance[first:last][better] = out[better]
        owner[first:last][better] = k
    free = owner < 0
    place = np.zeros(len(found), np.intp)
    place[mark] = np.arange(len(mark))
    grown = []
    for k, row in enumerate(rows):
        row = _with_marks(found, row, mark[owner == k])
        ends = _ends(found, row, mark[free], middle_y[free])
        grown.append(_with_marks(found, row, ends))
        free[place[ends]] = False
    return grown


def _reach(row: Row, middle_y: Floats) -> tuple[int, int]:
    tops_bottoms = [y for x in (row.x0, row.x1) for y in row.band_at(x)]
    low = min(tops_bottoms) - _ABOVE * row.height
    high = max(tops_bottoms) + _BELOW * row.height
    return int(np.searchsorted(middle_y, low)), int(np.searchsorted(middle_y, high, side="right"))


def _outside(found: Components, row: Row, marks: Indices, middle_y: Floats) -> Floats:
    """How far outside of the band each mark is, in row heights; infinite when too far."""
    x = (found.x0[marks] + found.x1[marks]) / 2.0
    above = (row.top + row.slope * x - middle_y) / row.height
    below = (middle_y - row.bottom - row.slope * x) / row.height
    too_far = (above > _ABOVE) | (below > _BELOW)
    # A comma hangs below its own line far oftener than anything stands above the next.
    out: Floats = np.where(too_far, np.inf, np.maximum(np.maximum(1.3 * above, below), 0.0))
    return out


def _between(found: Components, row: Row, marks: Indices) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (found.x1[marks] > row.x0 - 0.1 * row.height) & (
        found.x0[marks] < row.x1 + 0.1 * row.height
    )
    return inside


def _is_large(found: Components, row: Row, marks: Indices) -> npt.NDArray[np.bool_]:
    large: npt.NDArray[np.bool_] = (
        np.maximum(found.width[marks], found.height[marks]) >= _SMALLEST * row.height
    )
    return large


def _ends(found: Components, row: Row, free: Indices, free_y: Floats) -> Indices:
    """Free marks that continue the row on either side, one after the other."""
    first, last = _reach(row, free_y)
    near = free[first:last]
    out = _outside(found, row, near, free_y[first:last])
    near = near[(out <= _IN_BAND) & _is_large(found, row, near)]
    taken: list[int] = []
    end = row.x1
    for k in near[np.argsort(found.x0[near], kind="stable")].tolist():
        if 0 <= found.x0[k] - end <= _BESIDE * row.height:
            taken.append(k)
            end = int(found.x1[k])
    start = row.x0
    for k in near[np.argsort(-found.x1[near], kind="stable")].tolist():
        if 0 <= start - found.x1[k] <= _BESIDE * row.height:
            taken.append(k)
            start = int(found.x0[k])
    return np.array(taken, np.intp)


def _with_marks(found: Components, row: Row, marks: Indices) -> Row:
    members = np.concatenate([row.members, marks])
    members = members[np.argsort(found.x0[members], kind="stable")]
    return replace(
        row,
        members=members,
        x0=int(found.x0[members].min()),
        x1=int(found.x1[members].max()),
    )
