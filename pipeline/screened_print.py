"""Print on a screen, freed from its dots.

Where a fill is shaded with a lattice of dots, a threshold finds as much ink between the letters as
in them. Smoothed as wide as the lattice, the fill has one tone and the letters another; stretched,
the fill is paper again, and what is printed on it dark, be it darker than the fill or lighter.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.screen_outline import Fill, Flags, find_fill
from pipeline.screens import BLOCK_PX, Screen

Floats = npt.NDArray[np.float32]

#: Blocks above and beside the windows of a screen in which the rest of it is: a bar may be full of
#: letters for half of the page.
_REACH: Final = (30, 150)
#: Standard deviation of what dots are smoothed with, in periods: a thirtieth of a wave is left.
_SIGMA: Final = 0.42
#: The same of what gives letters their edges back: dots of a bilevel scan are jagged.
_SHARP: Final = 0.15
_GROUND: Final = 3.0  # periods: the same again for the tone of the ground
_WIDE_PX: Final = 6.0  # a wider Gauss costs more than it is worth: a box does as well
_NOISE: Final = 3.0  # typical unevenness of the smoothed ground: what differs by more is print
_LEAST_STEP: Final = 16.0  # gray levels between ground and print
_RIM: Final = 6  # px of a fill in which there is none
_STROKE: Final = 21  # px: what is as large both ways is no letter, but a field, ...
_RULE: Final = 61  # ... and what is as long a rule
_LEAST_PRINT: Final = 0.002  # of the fill
_LIGHT: Final = 3.0  # times as much light print as dark
_FULL: Final = 85  # percentile of print that is quite black


def without_screens(gray: GrayImage, screens: tuple[Screen, ...]) -> GrayImage | None:
    """The page with the ground of its screens as paper, and what is printed on them dark.

    Args:
        gray: (H, W) uint8, 0 = black, paper near 255; it is not changed.
        screens: of `pipeline.screens.find_screens`.

    Returns:
        (H, W) uint8; what is no screen is as it was. None where no screen is a fill.
    """
    cleared = None
    for screen in screens:
        top, left = (np.maximum(screen.blocks.min(axis=0) - _REACH, 0) * BLOCK_PX).tolist()
        bottom, right = ((screen.blocks.max(axis=0) + 1 + _REACH) * BLOCK_PX).tolist()
        part = gray[top:bottom, left:right]
        fill = find_fill(part, screen, screen.blocks - np.array([top, left]) // BLOCK_PX)
        x, y, width, height = cv2.boundingRect(fill.place.view(np.uint8))
        if width:
            window = slice(y, y + height), slice(x, x + width)
            fill = fill.inside(window)
            mended = _mended(part[window], fill, screen.period_px)
            cleared = gray.copy() if cleared is None else cleared
            np.copyto(cleared[top:bottom, left:right][window], mended, where=fill.place)
    return cleared


def _mended(gray: GrayImage, fill: Fill, period_px: float) -> GrayImage:
    """(h, w) uint8: what is printed on a fill, dark on paper; right in its place only."""
    inner = _without_rim(fill.place)
    # The last row of dots is as gray as the others with the paper beside it.
    smooth = _means(gray, fill.dots | (fill.place & ~inner), _SIGMA * period_px)
    # Fills of two tones may touch, and a screen and the scanner's make waves together.
    ground = fill.ground & inner if (fill.ground & inner).any() else fill.ground
    step = _means(smooth, ground, _GROUND * period_px)
    step -= np.where(fill.dots, smooth, gray)
    noise = float(np.median(np.abs(step[ground])))
    least = max(_NOISE * noise, _LEAST_STEP)
    dark, light = (_letters(inner & (way * step > least)) for way in (1, -1))
    # Smoothed letters are wide: print is only what is dark in both.
    sharp = np.asarray(cv2.GaussianBlur(gray, (0, 0), _SHARP * period_px), np.uint8)
    if light.sum() > max(_LIGHT * dark.sum(), _LEAST_PRINT * inner.sum()):
        printed = np.maximum(np.bitwise_not(sharp), _stretched(-step, light & fill.dots, noise))
        printed[~inner] = 255
        return np.where(light | fill.dots | ~inner, printed, gray)
    printed = np.maximum(sharp, _stretched(step, dark & fill.dots, noise))
    return np.where(fill.dots, printed, gray)


def _without_rim(place: Flags) -> Flags:
    rim = np.ones((2 * _RIM + 1,) * 2, np.uint8)
    return np.greater(cv2.erode(place.view(np.uint8), rim, borderValue=0), 0)


def _letters(differs: Flags) -> Flags:
    """What is no field and no rule (h, w), of all that is darker or lighter than the ground."""
    drawn = differs.view(np.uint8)
    large = np.zeros_like(drawn)
    for side in (_STROKE, _STROKE), (1, _RULE), (_RULE, 1):
        kernel = np.ones(side, np.uint8)
        large |= np.asarray(cv2.morphologyEx(drawn, cv2.MORPH_OPEN, kernel), np.uint8)
    return differs & np.equal(large, 0)


def _stretched(step: Floats, is_print: Flags, noise: float) -> GrayImage:
    """(h, w) uint8: white for the ground, which has a step of no more than noise, black for print.

    Args:
        step: (h, w) how much darker or lighter than the ground a pixel is.
        is_print: (h, w) from which black is learnt.
        noise: typical step of the ground.
    """
    full = float(np.percentile(step[is_print], _FULL)) if is_print.any() else 255.0
    least = 2 * noise
    stretched = np.clip(255 * (full - step) / (full - least), 0, 255)
    return np.asarray(stretched, np.uint8)


def _means(values: npt.NDArray[np.generic], inside: Flags, sigma_px: float) -> Floats:
    """Means (h, w) of what is inside alone: neither paper nor rules beside it count."""
    weight = inside.astype(np.float32)
    total, share = (
        _smooth(part, sigma_px) for part in (np.multiply(values, weight, dtype=np.float32), weight)
    )
    return np.asarray(total / np.maximum(share, 1e-6), np.float32)


def _smooth(values: Floats, sigma_px: float) -> Floats:
    if sigma_px <= _WIDE_PX:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px), np.float32)
    side = 2 * round(1.5 * sigma_px) + 1
    return np.asarray(cv2.blur(values, (side, side)), np.float32)
