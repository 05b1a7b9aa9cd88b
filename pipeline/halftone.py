"""Scans whose gray is made of dots: an office scanner set to photographs.

Paper that was not quite white is strewn with single dark pixels, thousands to the square inch, and
letters are made of dots themselves. A threshold or a despeckler sees ink in every one of them. As
the dots stand closer than strokes are wide, smoothing gives the gray back that they stand for
(Ulichney 1987, "Digital Halftoning"). A file that was enlarged or saved as JPEG since has larger
or softer dots.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np

from pipeline.binarize import InkImage
from pipeline.image import GrayImage

#: Dots may be so many pixels wide -> pixels of ink (of every second row and column, where dots are
#: two wide) with four neighbours that are none, as a share of a cell's pixels: ...
_LEAST_LONE: Final[Mapping[int, float]] = MappingProxyType({1: 0.012, 2: 0.03})
#: ... in so many of the cells: dots are in margins, too. Print has such pixels hardly anywhere,
#: dirt in places; of small print (x-height 5 to 10 px) every second row and column has some (0.02
#: in half of the cells of receipts), where strokes of letters fall between them.
_LEAST_CELLS: Final = 0.7
_CELL_PX: Final = 32
#: Not all of the page is looked at: one band of cells in so many.
_EVERY_BAND: Final = 6
#: Standard deviation of what the dots are smoothed with, in their own width.
_SIGMA: Final = 1.2


def dot_px(ink: InkImage) -> int:
    """How wide the dots are that the gray of a page is made of, px; 0: it is not made of dots.

    Args:
        ink: (H, W), what a threshold takes for ink.
    """
    return next(
        (size for size, lone in _LEAST_LONE.items() if _is_strewn(ink[::size, ::size], lone)), 0
    )


def smooth_halftone(scan: GrayImage, dots_px: int) -> GrayImage:
    """The gray (H, W) uint8 that the dots of a scan stand for."""
    return np.asarray(cv2.GaussianBlur(scan, (0, 0), _SIGMA * dots_px), np.uint8)


def _is_strewn(ink: InkImage, least_lone: float) -> bool:
    rows, columns = (side // _CELL_PX for side in ink.shape)
    if not rows or not columns:
        return False
    whole = ink[: rows * _CELL_PX, : columns * _CELL_PX].reshape(rows, _CELL_PX, -1)
    bands = whole[::_EVERY_BAND]
    lone = bands.copy()
    lone[:, 1:] &= ~bands[:, :-1]
    lone[:, :-1] &= ~bands[:, 1:]
    lone[..., 1:] &= ~bands[..., :-1]
    lone[..., :-1] &= ~bands[..., 1:]
    share = lone.reshape(len(bands), _CELL_PX, columns, _CELL_PX).mean(axis=(1, 3))
    return bool(np.mean(share >= least_lone) >= _LEAST_CELLS)
