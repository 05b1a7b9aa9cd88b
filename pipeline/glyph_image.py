"""How the crop of one character becomes the 32x32 picture that a classifier sees.

Defined once, used by training and by reading, so that a hand-printed character, a rendered glyph
and a crop of a page look alike: ink white on black, cropped to its own ink, aspect kept, longer
side 24 px, centred by its box (EMNIST centres so too, Cohen et al. 2017, but leaves 20-24 px).

A glyph loses its height this way: `,` and `'`, `o` and `O` become twins. Telling them apart is the
work of whoever knows the line (x-height, baseline); the classifier spreads its probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

SIZE_PX: Final = 32  # side of the picture
INK_PX: Final = 24  # longer side of the ink in it

#: Below this an empty crop's noise would be blown up to full contrast.
_FAINTEST_INK: Final = 24
#: Share of the darkest ink that still counts as ink when the box is found.
_BOX_LEVEL: Final = 0.3

Gray = npt.NDArray[np.uint8]


def normalise_glyph(crop: npt.NDArray[np.bool_] | Gray, paper: int = 255) -> Gray:
    """The picture of one character crop.

    Args:
        crop: (H, W) either bool, True = ink, or uint8 gray, 0 = black. Blank margins do no harm;
            ink of neighbouring characters does: clear it before.
        paper: gray value of the paper around the character; what is lighter is paper too.
            255 fits a page whose background was normalised.

    Returns:
        (32, 32) uint8, ink white (255) on black (0); all black when the crop has no ink.

    >>> ink = np.ones((12, 4), dtype=np.bool_)
    >>> picture = normalise_glyph(ink)
    >>> picture.shape, int(picture.max()), int((picture > 0).sum())
    ((32, 32), 255, 192)
    """
    if crop.ndim != 2:
        raise ValueError(f"a crop has two axes, not {crop.ndim}")
    if crop.dtype == np.bool_:
        return normalise_intensity(crop.astype(np.uint8) * np.uint8(255))
    if crop.dtype != np.uint8:
        raise ValueError(f"a crop is bool or uint8, not {crop.dtype}")
    gray = crop.astype(np.uint8, copy=False)
    return normalise_intensity(np.uint8(paper) - np.minimum(gray, np.uint8(paper)))


def normalise_intensity(ink: Gray) -> Gray:
    """The picture of ink given as (H, W) uint8, 255 = full ink, 0 = paper. See normalise_glyph."""
    picture = np.zeros((SIZE_PX, SIZE_PX), dtype=np.uint8)
    peak = int(ink.max(initial=0))
    if peak < _FAINTEST_INK:
        return picture
    x, y, width, height = cv2.boundingRect((ink >= peak * _BOX_LEVEL).view(np.uint8))
    scale = INK_PX / max(width, height)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    # Area averaging keeps thin strokes when shrinking; enlarging with it would only repeat pixels.
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    glyph = cv2.resize(
        ink[y : y + height, x : x + width], (new_width, new_height), interpolation=interpolation
    )
    top, left = (SIZE_PX - new_height) // 2, (SIZE_PX - new_width) // 2
    # Thin strokes get pale when shrunk, faint print is pale from the start: stretch both.
    stretch = 255.0 / max(int(glyph.max()), 1)
    picture[top : top + new_height, left : left + new_width] = cv2.convertScaleAbs(
        glyph, alpha=stretch
    )
    return picture


def normalise_glyphs(
    crops: Sequence[npt.NDArray[np.bool_] | npt.NDArray[Any]], paper: int = 255
) -> Gray:
    """Stack of pictures, (N, 32, 32) uint8, in the order of the crops; N may be 0."""
    pictures = np.zeros((len(crops), SIZE_PX, SIZE_PX), dtype=np.uint8)
    for picture, crop in zip(pictures, crops, strict=True):
        picture[:] = normalise_glyph(crop, paper)
    return pictures
