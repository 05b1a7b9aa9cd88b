"""Pictures as a file has them, checked before they are read as characters.

Pictures of another scale (0..1) or with colours would go through all the same, as blank ones, and
figures of 5 % right would look like a bad model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def checked_pixels(images: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The pictures as bytes; floats are taken if they are whole numbers.

    >>> checked_pixels(np.array([[[0.0, 255.0]]])).tolist()
    [[[0, 255]]]

    Args:
        images: (N, H, W), ink white, 0..255.

    Raises:
        ValueError: none at all, another shape, or other values; says what to do.
    """
    shape = " x ".join(map(str, images.shape))
    if images.ndim != 3:
        raise ValueError(
            f"pictures of {shape} values; needed are grey ones, count x height x width"
        )
    if images.size == 0:
        raise ValueError("there is no picture in it")
    if images.dtype.kind not in "biuf":
        raise ValueError(f"pictures of {images.dtype}; needed are whole numbers 0..255")
    low, high = float(images.min()), float(images.max())
    if low >= 0 and 0 < high <= 1:
        raise ValueError(
            "the pictures' values are 0..1; needed are whole numbers 0..255: multiply by 255 and "
            "round"
        )
    if not (0 <= low <= high <= 255):  # not a number is neither
        raise ValueError(f"the pictures' values are {low:g}..{high:g}; needed are 0..255")
    pixels = np.ascontiguousarray(images, dtype=np.uint8)
    if images.dtype.kind == "f" and not np.array_equal(pixels, images):
        raise ValueError("the pictures' values are no whole numbers; round them")
    return pixels
