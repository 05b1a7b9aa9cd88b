"""The rectangles of a place that is none: two pictures that touch are not the box around both."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.layout.components import Flags

Window = tuple[int, int, int, int]  # x, y, width, height, in cells

_LEAST_SAVED: Final = 0.1  # of the box is white beside the parts; beside a disc 0.04


def rectangles_of(place: Flags, room: tuple[float, float]) -> list[Window]:
    """Boxes of the parts of a place, cut by straight lines where a corner is free beside it.

    Args:
        place: (h, w) its cells; some are on each side.
        room: width and height of a free corner that is worth a cut, cells.

    >>> place = np.ones((6, 6), np.bool_)
    >>> place[3:, 2:] = False
    >>> rectangles_of(place, (2, 2)), rectangles_of(place, (5, 2))
    ([(0, 0, 6, 3), (0, 3, 2, 3)], [(0, 0, 6, 6)])
    """
    found: list[Window] = []
    waiting = [_within(place, (0, 0, place.shape[1], place.shape[0]))]
    while waiting:
        x, y, width, height = at = waiting.pop()
        cells = place[y : y + height, x : x + width]
        saved, cut, is_level = max(
            (_best_cut(cells, room), _best_cut(cells.T, room[::-1], is_level=False)),
        )
        if saved < _LEAST_SAVED * width * height:
            found.append(at)
            continue
        parts = (
            ((x, y, width, cut), (x, y + cut, width, height - cut))
            if is_level
            else ((x, y, cut, height), (x + cut, y, width - cut, height))
        )
        waiting += [_within(place, part) for part in parts[::-1]]
    return found


def _best_cut(
    cells: Flags, room: tuple[float, float], *, is_level: bool = True
) -> tuple[int, int, bool]:
    """White cells beside both parts, and above which row to cut; 0 where no corner has room."""
    height, width = cells.shape
    if height < 2:
        return 0, 0, is_level
    has = cells.any(axis=1)
    first = np.where(has, cells.argmax(axis=1), width)
    last = np.where(has, width - cells[:, ::-1].argmax(axis=1), 0)
    saved = np.zeros(height - 1, np.intp)
    is_free = np.zeros(height - 1, np.bool_)
    for rows in (slice(None), slice(None, None, -1)):
        left = np.minimum.accumulate(first[rows])[:-1]
        right = width - np.maximum.accumulate(last[rows])[:-1]
        count = np.arange(1, height)
        free = (np.maximum(left, right) >= room[0]) & (count >= room[1])
        saved += ((left + right) * count)[rows]
        is_free |= free[rows]
    saved[~is_free] = 0
    best = int(saved.argmax())
    return int(saved[best]), best + 1, is_level


def _within(place: Flags, window: Window) -> Window:
    """The box of the cells in a window that has some."""
    x, y, width, height = window
    cells = place[y : y + height, x : x + width]
    columns, rows = (np.flatnonzero(cells.any(axis=axis)) for axis in (0, 1))
    x0, y0 = int(columns[0]), int(rows[0])
    return x + x0, y + y0, int(columns[-1]) + 1 - x0, int(rows[-1]) + 1 - y0
