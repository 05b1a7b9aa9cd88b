"""Windows around the likely letters of a page: what tells which way up it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.marks import Overview

#: Side of a window, px.
WINDOW_SIDE = 24
#: Reach of the two windows of a letter, in usual letters: its neighbours, and itself.
_REACHES = (3.0, 1.5)
_MAX_LETTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Letters:
    """Where the likely letters of a page are, evenly over the page, at one scale.

    The choice does not depend on which way up the page is, so the windows of a turned page are the
    turned windows.
    """

    ink: InkImage
    x_px: npt.NDArray[np.float64]  # (N,) middles
    y_px: npt.NDArray[np.float64]
    usual_px: float  # longer side of the usual letter

    def windows(self, chosen: slice) -> npt.NDArray[np.uint8]:
        """(M, 2, WINDOW_SIDE, WINDOW_SIDE) uint8, 255 = ink: for each letter wide, then close."""
        sides = [max(round(self.usual_px * reach), 6) for reach in _REACHES]
        places = list(zip(self.x_px[chosen], self.y_px[chosen], strict=True))
        windows = np.empty((len(places), len(sides), WINDOW_SIDE, WINDOW_SIDE), np.uint8)
        for k, (x, y) in enumerate(places):
            for n, side in enumerate(sides):
                windows[k, n] = _window(self.ink, x, y, side)
        return windows


def find_letters(
    ink: InkImage, limit: int = _MAX_LETTERS, overview: Overview | None = None
) -> Letters:
    """Find up to `limit` likely letters; full-size ink (H, W) bool is better than reduced."""
    overview = overview or Overview.of(ink)
    factor = ink.shape[0] // overview.ink.shape[0]
    if overview.is_reversed:
        ink, overview = np.logical_not(ink), overview.of_print()
    marks = overview.marks
    size = np.maximum(marks.width_px, marks.height_px)
    likely = np.flatnonzero(
        (size >= 4) & (size <= max(overview.ink.shape) / 12) & (marks.area_px >= 6)
    )
    if likely.size == 0:
        none = np.empty(0)
        return Letters(ink=ink, x_px=none, y_px=none, usual_px=1.0)
    # The median by ink: specks are many but weigh little.
    order = likely[np.argsort(size[likely], kind="stable")]
    weight = np.cumsum(marks.area_px[order])
    usual = float(size[order[np.searchsorted(weight, weight[-1] / 2)]])
    letters = likely[(size[likely] >= 0.5 * usual) & (size[likely] <= 2.5 * usual)]
    letters = letters[:: (letters.size - 1) // limit + 1]  # they are numbered from top to bottom
    return Letters(
        ink=ink,
        x_px=(marks.x_px[letters] + marks.width_px[letters] / 2) * factor,
        y_px=(marks.y_px[letters] + marks.height_px[letters] / 2) * factor,
        usual_px=usual * factor,
    )


def _window(ink: InkImage, x: float, y: float, side: int) -> npt.NDArray[np.uint8]:
    """(WINDOW_SIDE, WINDOW_SIDE) uint8 view of a square of ink; beyond the page is paper."""
    left, top = round(x - side / 2), round(y - side / 2)
    x0, y0 = max(left, 0), max(top, 0)
    crop = ink[y0 : top + side, x0 : left + side].view(np.uint8) * np.uint8(255)
    if crop.shape != (side, side):
        square = np.zeros((side, side), np.uint8)
        square[y0 - top : y0 - top + crop.shape[0], x0 - left : x0 - left + crop.shape[1]] = crop
        crop = square
    shrinks = side >= WINDOW_SIDE
    window = cv2.resize(
        crop,
        (WINDOW_SIDE, WINDOW_SIDE),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    return np.asarray(window, np.uint8)


def turned_pixels(turn: int) -> npt.NDArray[np.intp]:
    """For each pixel of the flat windows turned clockwise by `turn` quarters, where it was."""
    shape = (len(_REACHES), WINDOW_SIDE, WINDOW_SIDE)
    where = np.arange(math.prod(shape), dtype=np.intp).reshape(shape)
    return np.rot90(where, -turn, axes=(1, 2)).reshape(-1)
