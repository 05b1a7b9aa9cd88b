"""Images at a whole fraction of their size."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Pixel = TypeVar("Pixel", np.uint8, np.uint16)


def shrink(image: npt.NDArray[Pixel], factor_x: int, factor_y: int) -> npt.NDArray[Pixel]:
    """The means of blocks of factor_x by factor_y pixels.

    Pixels that fill no whole block at the right and lower edge are left out: that is three times as
    fast in OpenCV as fractions of blocks. An image smaller than a block becomes one pixel.

    >>> shrink(np.array([[0, 8, 1], [4, 4, 1]], np.uint8), 2, 2)
    array([[4]], dtype=uint8)
    """
    height, width = image.shape[0] // factor_y, image.shape[1] // factor_x
    if width and height:
        image = image[: height * factor_y, : width * factor_x]
    while factor_x > 1 and factor_x % 2 == factor_y % 2 == 0 and width and height:
        # A half is made in a fifth of the time of any other fraction; each rounds by half a level.
        half = cv2.resize(image, (0, 0), fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        image = np.asarray(half, image.dtype)
        factor_x, factor_y = factor_x // 2, factor_y // 2
    if (factor_x, factor_y) == (1, 1):
        return image
    small = cv2.resize(image, (max(width, 1), max(height, 1)), interpolation=cv2.INTER_AREA)
    return np.asarray(small, image.dtype)
