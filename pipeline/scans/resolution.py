"""How many pixels an inch has: what the file says, if it can be, else an estimate by paper size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from pipeline.image import GrayImage

#: Written by cameras and programs that know nothing of the paper.
_DEFAULTS_DPI = frozenset({72, 96})
_USUAL_DPI = (72, 96, 100, 150, 200, 240, 300, 400, 600)
_A4_LONG_IN = 11.69
_RECEIPT_WIDTH_IN = 3.15  # 80 mm, the usual roll


def declared_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical resolution that the file claims, None when it claims none."""
    pair: Any = image.info.get("dpi")
    if pair is None:
        exif = image.getexif()
        # 282, 283: resolution; 296: its unit, 3 = cm.
        scale = 2.54 if exif.get(296) == 3 else 1.0
        pair = tuple(scale * float(exif.get(tag, 0)) for tag in (282, 283))
    x_dpi, y_dpi = (float(value) for value in pair)
    return (x_dpi, y_dpi) if x_dpi > 0 and y_dpi > 0 else None


def believable(dpi: float, size_px: Sequence[int]) -> bool:
    """Whether a page of this size can have been scanned at this resolution.

    >>> believable(300, (2480, 3508)), believable(72, (2480, 3508)), believable(1, (2480, 3508))
    (True, False, False)
    """
    longest_in = 14.5 if round(dpi) in _DEFAULTS_DPI else 60.0  # legal paper; a large map
    return 50 <= dpi <= 2400 and 1.0 <= max(size_px) / dpi <= longest_in


def estimate_dpi(size_px: Sequence[int]) -> int:
    """Guess the resolution: a long strip is a receipt of 80 mm, anything else a sheet of A4.

    >>> estimate_dpi((1654, 2339)), estimate_dpi((640, 2000))
    (200, 200)
    """
    short, long = min(size_px), max(size_px)
    raw = short / _RECEIPT_WIDTH_IN if long > 2 * short else long / _A4_LONG_IN
    usual = min(_USUAL_DPI, key=lambda dpi: abs(dpi - raw))
    dpi = usual if abs(usual - raw) <= 0.08 * usual else round(raw)
    return min(max(dpi, 50), 1200)


def square_pixels(gray: GrayImage, x_dpi: float, y_dpi: float) -> tuple[GrayImage, float]:
    """Stretch a fax (204 x 98 dpi) so that its letters have their shape.

    Returns:
        The image, (H, W) uint8, the same object if its pixels are nearly square; and its dpi.
    """
    if max(x_dpi, y_dpi) <= 1.25 * min(x_dpi, y_dpi):
        return gray, (x_dpi + y_dpi) / 2
    dpi = max(x_dpi, y_dpi)
    height, width = gray.shape
    size = (round(width * dpi / x_dpi), round(height * dpi / y_dpi))
    stretched = Image.fromarray(gray).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(stretched), dpi
