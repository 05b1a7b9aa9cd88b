"""Dots set far apart that lead the eye from an entry to its page number.

As heavy as the print of an index is, its dots are as high as small letters, and as they stand
below each other in all lines, the white between them looks like gutters. A leader is known by what
it is: dots alike, level, evenly apart, and no letter between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Sorted

Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Sides of a dot, in letter heights, and how much of its box it fills.
_DOT: Final = (0.1, 0.75)
_ROUND: Final = 1.6  # the longer side at most, in shorter ones
_FILL: Final = 0.55
LEAST_DOTS: Final = 3
_LEAST_CLOSE: Final = 6  # an ellipsis leads nowhere
#: From dot to dot, in letter heights. A row finds close dots as its marks, others are out of its
#: reach.
_STEP: Final = (1.3, 5.0)
_CLOSE_STEP: Final = (0.35, 1.3)
_UNEVEN: Final = 0.3  # of the step
UNLIKE: Final = 1.7  # the larger of two neighbours, in smaller ones
LEVEL: Final = 0.25  # feet of two neighbours, in letter heights
#: What stands between two dots, so far above and below their feet, says that they are no leader.
_BAND: Final = (0.6, 0.3)
_MOST_DOTS: Final = 10_000  # more are a pattern


def find_leaders(found: Components, kinds: Sorted, text_height_px: float) -> tuple[Indices, ...]:
    """The dots of each leader whose dots stand far apart, from left to right.

    Args:
        found: the components of the page.
        kinds: what they are; dots may be among the letters.
        text_height_px: of a typical letter.
    """
    return _series(found, kinds, text_height_px, _STEP, LEAST_DOTS)


def find_close_leaders(
    found: Components, kinds: Sorted, text_height_px: float
) -> tuple[Indices, ...]:
    """The same of leaders whose dots stand close."""
    return _series(found, kinds, text_height_px, _CLOSE_STEP, _LEAST_CLOSE)


def without_dots(kinds: Sorted, leaders: Sequence[Indices]) -> Sorted:
    """The same with the dots of leaders neither letters nor marks."""
    if not leaders:
        return kinds
    dots = np.concatenate(leaders)
    return replace(kinds, body=np.setdiff1d(kinds.body, dots), mark=np.setdiff1d(kinds.mark, dots))


def _series(
    found: Components, kinds: Sorted, text_height_px: float, step: tuple[float, float], least: int
) -> tuple[Indices, ...]:
    dots = _dots(found, kinds, text_height_px)
    if len(dots) < least or len(dots) > _MOST_DOTS:
        return ()
    follower = _followers(found, dots, text_height_px, step)
    follower[~_is_clear(found, kinds, dots, follower, text_height_px)] = -1
    first = np.setdiff1d(np.flatnonzero(follower >= 0), follower)
    leaders = []
    for k in first.tolist():
        series = [k]
        while follower[series[-1]] >= 0:
            series.append(int(follower[series[-1]]))
        leaders += _even(found, dots[series], least)
    return tuple(leaders)


def _dots(found: Components, kinds: Sorted, text_height_px: float) -> Indices:
    pieces = np.concatenate([kinds.body, kinds.mark])
    width, height = found.width[pieces], found.height[pieces]
    low, high = np.minimum(width, height), np.maximum(width, height)
    least, most = (side * text_height_px for side in _DOT)
    is_round = (high <= _ROUND * low) & (found.area[pieces] >= _FILL * width * height)
    dots = pieces[(low >= least) & (high <= most) & is_round]
    ordered: Indices = dots[np.argsort(found.x0[dots], kind="stable")]
    return ordered


def _followers(
    found: Components, dots: Indices, text_height_px: float, step_range: tuple[float, float]
) -> Indices:
    """For each dot the place of the next one to its right, -1: none that a leader could have."""
    x, foot = found.x0[dots].astype(np.float64), found.y1[dots].astype(np.float64)
    size = np.maximum(found.width[dots], found.height[dots]).astype(np.float64)
    least, most = (step * text_height_px for step in step_range)
    level = LEVEL * text_height_px
    follower = np.full(len(dots), -1, np.intp)
    # Neighbours on one level are in one bucket of at least one of two sorts.
    for offset in (0.0, level):
        bucket = ((foot + offset) // (2 * level)).astype(np.intp)
        order = np.lexsort((x, bucket))
        a, b = order[:-1], order[1:]
        step, ratio = x[b] - x[a], size[b] / size[a]
        fit = (bucket[a] == bucket[b]) & (step >= least) & (step <= most)
        fit &= (np.abs(foot[b] - foot[a]) <= level) & (ratio <= UNLIKE) & (ratio >= 1 / UNLIKE)
        follower[a[fit]] = b[fit]
    follower[~_is_regular(x, follower)] = -1
    return follower


def _is_regular(x: Floats, follower: Indices) -> Flags:
    """Which steps are like the one before or the one behind; most of i to i are like none."""
    has = follower >= 0
    step = np.where(has, x[follower] - x, 0.0)
    behind = np.where(has, step[follower], 0.0)
    alike = (behind > 0) & (np.abs(behind - step) <= 2 * _UNEVEN * step)
    regular = alike.copy()
    regular[follower[alike]] = True
    both: Flags = regular & has
    return both


def _is_clear(
    found: Components, kinds: Sorted, dots: Indices, follower: Indices, text_height_px: float
) -> Flags:
    """Whether nothing but paper is between a dot and the next one."""
    others = np.setdiff1d(np.concatenate([kinds.body, kinds.mark]), dots)
    others = others[np.argsort(found.x0[others], kind="stable")]
    starts = found.x0[others]
    widest = int(found.width[others].max(initial=0))
    clear = np.zeros(len(dots), np.bool_)
    for k in np.flatnonzero(follower >= 0).tolist():
        a, b = dots[k], dots[follower[k]]
        x0, x1, foot = int(found.x0[a]), int(found.x1[b]), int(found.y1[a])
        first, last = np.searchsorted(starts, (x0 - widest, x1))
        near = others[first:last]
        top, bottom = foot - _BAND[0] * text_height_px, foot + _BAND[1] * text_height_px
        between = (found.x1[near] > x0) & (found.y1[near] > top) & (found.y0[near] < bottom)
        clear[k] = not between.any()
    return clear


def _even(found: Components, series: Indices, least: int) -> list[Indices]:
    """The parts of a series whose steps are alike, of at least so many dots."""
    if len(series) < least:
        return []
    steps = np.diff(found.x0[series].astype(np.float64))
    usual = float(np.median(steps))
    missing = np.maximum(np.round(steps / usual), 1.0)  # a dot is worn away now and then
    odd = np.flatnonzero(np.abs(steps - missing * usual) > _UNEVEN * usual) + 1
    return [part for part in np.split(series, odd) if len(part) >= least]
