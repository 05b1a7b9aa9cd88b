"""Scans in two tones whose gray is made of dots: an office scanner set to photographs.

Paper that was not quite white is strewn with single dark pixels, thousands to the square inch, and
letters are made of dots themselves. A threshold or a despeckler sees ink in every one of them. As
the dots stand closer than strokes are wide, smoothing gives the gray back that they stand for
(Ulichney 1987, "Digital Halftoning").
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipeline.image import GrayImage

#: Tones from black and from white up to which a pixel is one of the two; a JPEG file strays.
_NEAR_TONES: Final = 40
_LEAST_IN_TWO_TONES: Final = 0.97
#: Dark pixels with four light neighbours, as a share of a cell's pixels: ...
_LEAST_LONE: Final = 0.012
#: ... in so many of the cells. Print has such pixels nowhere, dirt in places.
_LEAST_CELLS: Final = 0.5
_CELL_PX: Final = 32
#: Not all of the page is looked at: one band of cells in so many, for tones one row in so many.
_EVERY_BAND: Final = 3
_EVERY_ROW: Final = 4
_DARK: Final = 128
#: Dots of ordered and of diffused screens are one or two pixels apart.
_SIGMA_PX: Final = 1.2


def is_halftone(scan: GrayImage) -> bool:
    """Whether the paper of a scan is made of dots.

    Args:
        scan: (H, W) uint8, 0 = black.
    """
    rows, columns = (side // _CELL_PX for side in scan.shape)
    if not rows or not columns:
        return False
    whole = scan[: rows * _CELL_PX, : columns * _CELL_PX].reshape(rows, _CELL_PX, -1)
    bands = whole[::_EVERY_BAND]
    counts = np.bincount(bands[:, ::_EVERY_ROW].ravel(), minlength=256)
    in_two_tones = counts[:_NEAR_TONES].sum() + counts[-_NEAR_TONES:].sum()
    if in_two_tones < _LEAST_IN_TWO_TONES * counts.sum():
        return False
    dark = bands < _DARK
    lone = dark.copy()
    lone[:, 1:] &= ~dark[:, :-1]
    lone[:, :-1] &= ~dark[:, 1:]
    lone[..., 1:] &= ~dark[..., :-1]
    lone[..., :-1] &= ~dark[..., 1:]
    share = lone.reshape(len(bands), _CELL_PX, columns, _CELL_PX).mean(axis=(1, 3))
    return bool(np.mean(share >= _LEAST_LONE) >= _LEAST_CELLS)


def smooth_halftone(scan: GrayImage) -> GrayImage:
    """The gray (H, W) uint8 that the dots of a scan stand for."""
    return np.asarray(cv2.GaussianBlur(scan, (0, 0), _SIGMA_PX), np.uint8)
