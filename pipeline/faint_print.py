"""Print that faded in places is made as dark as the print beside it.

A threshold that suits the dark letters of a row loses its faint ones, and so does the recogniser's
picture of the row. Faint ink is print where it stands in line with dark print: what shows of the
back of the sheet, shadows, stains and a ground of fine print do not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipeline.binarize import InkImage
from pipeline.faint_ink import STROKE, FaintInk, depth_of, edge_of
from pipeline.faint_rows import faint_letters
from pipeline.image import GrayImage
from pipeline.layout.components import Components
from pipeline.layout.row import Row

Box = tuple[int, int, int, int]  # x0, y0, x1, y1, half-open

_AS_SHARP: Final = 0.92  # of the edges of dark letters: 0.97 to 1.05 faded, 0.6 to 0.88 from behind
_AROUND: Final = 1.0  # row heights beside a faint letter that its word may go on
_OVER: Final = 0.4  # row heights above and below a row
_CALM: Final = 0.05  # letter heights of blur against noise, which is made deeper, too
_RAISED: Final = 0.8  # of the depth of dark strokes: that of faint ones afterwards
_INKY: Final = 0.5  # of the depth of dark strokes, from which it is ink


def strengthen_faint(
    gray: GrayImage, ink: InkImage, seen: FaintInk
) -> tuple[GrayImage, InkImage] | None:
    """The page with its faint letters dark, and its ink; None when it has none.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level; it is not changed.
        ink: (H, W) bool, its binarisation.
        seen: what is faint on it.
    """
    found, factor = seen.found, seen.factor
    rows = faint_letters(found, seen.is_faint, seen.is_dark, seen.letter_px)
    letters = [k for _, row_letters in rows for k in row_letters.tolist()]
    if not letters:
        return None
    usual_edge = edge_of(gray, seen, np.flatnonzero(seen.is_dark).tolist())
    if edge_of(gray, seen, letters) < _AS_SHARP * usual_edge:
        return None
    strong, ink = gray.copy(), ink.copy()
    is_dark = np.zeros(int(found.labels.max()) + 1, np.uint8)
    is_dark[found.label[seen.is_dark]] = 1
    for k, row in ((k, row) for row, row_letters in rows for k in row_letters.tolist()):
        x0, y0, x1, y1 = _around(found, k, row)
        window = slice(factor * y0, factor * y1), slice(factor * x0, factor * x1)
        dark = _darkened(gray[window], float(seen.mean[k]), seen)
        near = cv2.dilate(is_dark[found.labels[y0:y1, x0:x1]], np.ones((3, 3), np.uint8))
        dark[near.repeat(factor, axis=0).repeat(factor, axis=1) > 0] = 255
        ink[window] |= dark <= 255 - _INKY * seen.depth
        np.minimum(strong[window], dark, out=strong[window])
    return strong, ink


def _around(found: Components, k: int, row: Row) -> Box:
    height, width = found.labels.shape
    beside, over = round(_AROUND * row.height), round(_OVER * row.height)
    top, bottom = row.band_at((found.x0[k] + found.x1[k]) / 2)
    return (
        max(0, int(found.x0[k]) - beside),
        max(0, int(min(top, found.y0[k])) - over),
        min(width, int(found.x1[k]) + beside),
        min(height, int(max(bottom, found.y1[k])) + over),
    )


def _darkened(gray: GrayImage, depth: float, seen: FaintInk) -> GrayImage:
    """A piece of the page whose strokes of this depth become as deep as the dark ones."""
    letter_px = seen.letter_px * seen.factor
    calm = np.asarray(cv2.GaussianBlur(gray, (0, 0), max(0.5, _CALM * letter_px)), np.uint8)
    depths = depth_of(calm, round(STROKE * letter_px)).astype(np.float32) - seen.noise
    gain = _RAISED * seen.depth / max(depth - seen.noise, 1.0)
    return np.asarray(255.0 - np.clip(gain * depths, 0.0, seen.depth), np.uint8)
