"""How far a shaded fill reaches: a cell, a bar or a heading on a screen of dots.

A fill has neither paper nor ink over more than a period of its dots, only strokes of letters have.
It is a level rectangle, which goes on as long as there are dots, or, as on a crooked page, another
convex shape: the hull of its even pieces. Pictures are neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.screens import BLOCK_PX, EVERY, Places, Screen

Flags = npt.NDArray[np.bool_]

_PAPER: Final = 215  # gray levels: a period without a darker pixel is paper, ...
_SOLID: Final = 90  # ... and one without a lighter pixel ink
#: Standard deviation of what the tone of a place is smoothed with, in periods.
_TONE_SIGMA: Final = 0.8
_TONE_RANGE: Final = 15.0  # gray levels around the tones of the windows
_LEAST_SIDE: Final = 12  # px of an even piece of a fill
_LEAST_FILLED: Final = 0.75  # of a fill is dots
_LEAST_SEEN: Final = 0.02  # of its windows show the screen; letters hide it from the others
#: Of a row or column of a fill is dots, is ground, whatever letters are on it.
_LEAST_DOTS: Final = 0.45
_LEAST_GROUND: Final = 0.05
_RIM: Final = 3  # px: dots have soft edges


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fill:
    """A fill in a part of the page, (h, w) each."""

    place: Flags  # all of it
    dots: Flags  # what is neither paper nor ink over more than a period
    ground: Flags  # dots with the tone of the fill: no print

    def inside(self, window: tuple[slice, slice]) -> Fill:
        """The same in rows and columns of the part."""
        return Fill(place=self.place[window], dots=self.dots[window], ground=self.ground[window])


def find_fill(gray: GrayImage, screen: Screen, blocks: Places) -> Fill:
    """The fill around the windows of a screen.

    Args:
        gray: (h, w) uint8, 0 = black: the part of a page in which the screen is.
        screen: its tones and its period.
        blocks: its windows' middle blocks in this part.

    Returns:
        Its outline; an empty one where what has the screen is no rectangle and not convex.
    """
    near = np.ones((2 * math.ceil(screen.period_px / 2) + 1,) * 2, np.uint8)
    has_dark = np.less_equal(cv2.morphologyEx(gray, cv2.MORPH_OPEN, near), _PAPER)
    has_light = np.greater_equal(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, near), _SOLID)
    dots = has_dark & has_light
    tone = np.asarray(cv2.GaussianBlur(gray, (0, 0), _TONE_SIGMA * screen.period_px))
    low, high = screen.tones
    ground = dots & (tone >= low - _TONE_RANGE) & (tone <= high + _TONE_RANGE)
    place = np.zeros(gray.shape, np.uint8)
    # At the edge of a fill the smoothed tone is lighter.
    wider = cv2.dilate(ground.view(np.uint8), near) > 0
    rectangle = _rectangle(gray, screen, blocks, dots, np.asarray(wider, np.bool_))
    if dots[rectangle].mean() >= _LEAST_FILLED:
        place[rectangle] = 1
    else:
        hull = _hull(screen, blocks, ground)
        if len(hull):
            cv2.fillConvexPoly(place, hull, 1)
            if dots[place > 0].mean() < _LEAST_FILLED:
                place[:] = 0
    # In a drawing that is hatched all over a few windows look like a screen.
    if len(blocks) * EVERY * BLOCK_PX**2 < _LEAST_SEEN * place.sum():
        place[:] = 0
    inside = np.greater(cv2.dilate(place, np.ones((2 * _RIM + 1,) * 2, np.uint8)), 0)
    if not (inside & ground).any():
        inside[:] = False
    return Fill(place=inside, dots=inside & dots, ground=inside & ground)


def _rectangle(
    gray: GrayImage, screen: Screen, blocks: Places, dots: Flags, ground: Flags
) -> tuple[slice, slice]:
    """Rows and columns around the windows as far as there are dots, letters on them or not."""
    (top, left), (bottom, right) = blocks.min(axis=0) * BLOCK_PX, blocks.max(axis=0) * BLOCK_PX
    rows, columns = slice(int(top), int(bottom) + BLOCK_PX), slice(int(left), int(right) + BLOCK_PX)
    # Lighter is what is nearer to paper than to the fill.
    lightest = (screen.tones[1] + 255) / 2
    period = np.full(round(screen.period_px), 1 / round(screen.period_px))

    def grown(inner: slice, axis: int, window: tuple[slice, slice]) -> slice:
        depth = np.convolve(255 - gray[window].mean(axis=axis), period, "same")
        is_end = (
            (depth < 255 - lightest)
            | (dots[window].mean(axis=axis) < _LEAST_DOTS)
            | (ground[window].mean(axis=axis) < _LEAST_GROUND)
        )
        before, after = np.flatnonzero(is_end[: inner.start]), np.flatnonzero(is_end[inner.stop :])
        return slice(
            int(before[-1]) + 1 if len(before) else 0,
            inner.stop + int(after[0]) if len(after) else len(is_end),
        )

    # The windows may all stand beside a word, or above it.
    rows = grown(rows, 1, (slice(None), columns))
    columns = grown(columns, 0, (rows, slice(None)))
    return grown(rows, 1, (slice(None), columns)), columns


def _hull(screen: Screen, blocks: Places, ground: Flags) -> npt.NDArray[np.int32]:
    """Corners (N, 1, 2) of what holds the even pieces of a fill that is no level rectangle.

    A piece has room for a square of dots, which letters and what touches the fill have not.
    """
    side = max(_LEAST_SIDE, math.ceil(2 * screen.period_px))
    square = np.ones((side, side), np.uint8)
    core = cv2.morphologyEx(ground.view(np.uint8), cv2.MORPH_OPEN, square, borderValue=0)
    pieces, labels = cv2.connectedComponents(core, connectivity=8)
    is_own = np.zeros(pieces, np.uint8)
    is_own[labels[tuple((blocks * BLOCK_PX + BLOCK_PX // 2).T)]] = 1
    is_own[0] = 0
    points = cv2.findNonZero(is_own[labels])
    hull = np.empty((0, 1, 2)) if points is None else cv2.convexHull(points)
    return np.asarray(hull, np.int32)
