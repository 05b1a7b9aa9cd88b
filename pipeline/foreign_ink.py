"""The ink of neighbouring lines in the crop of a line, painted over with paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.tones import upper_quartile

Flags = npt.NDArray[np.bool_]

_HALO_PX: Final = 1  # grey pixels around ink that belong to it


def without_foreign(gray: GrayImage, foreign: Flags, ink: npt.NDArray[np.int32]) -> GrayImage:
    """A crop without the ink of other lines; the crop itself where there is none.

    Args:
        gray: (H, W) uint8, 0 = ink black; it is not changed.
        foreign: (H, W) ink of other lines.
        ink: (H, W) where it is not 0 and not foreign it is this line's, whose grey edge stays.
    """
    if not foreign.any():
        return gray
    rows = np.flatnonzero(foreign.any(axis=1))
    y0, y1 = max(0, int(rows[0]) - _HALO_PX), int(rows[-1]) + _HALO_PX + 1
    kernel = np.ones((2 * _HALO_PX + 1, 2 * _HALO_PX + 1), np.uint8)
    own = (ink[y0:y1] != 0) & ~foreign[y0:y1]
    near = cv2.dilate(foreign[y0:y1].view(np.uint8), kernel)
    kept = cv2.dilate(own.view(np.uint8), kernel)
    painted = gray.copy()
    paper = np.uint8(upper_quartile(gray[::2, ::2]))
    painted[y0:y1][(near > 0) & (kept == 0)] = paper
    return painted
