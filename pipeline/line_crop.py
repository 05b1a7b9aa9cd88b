"""A line of the page as the line recogniser sees it, and the way back to the page."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.engines.engine import LineImage
from pipeline.layout.row import median
from pipeline.line_image import HEIGHT_PX, STRIDE_PX, normalise_line

GrayImage = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: Air above and below the ink, as share of the line's height: the middle of what was trained.
_MARGIN = 0.08
#: A baseline that drops by less than this many x-heights over the line is left as it is.
_LEVEL_ENOUGH = 0.15
#: Tall letters as narrow as this have not two frames each, and are read as other letters. Print
#: has 8.3 or more, type of double height 6.5 to 7.
_NARROW_PX = 8.0
_WIDENED_PX = 12.0
_LEAST_LETTERS = 6
_TALL = 0.6  # of the height of the line's own rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineCrop:
    """The recogniser's picture of a line, with its scale."""

    picture: GrayImage  # (32, W), 255 = ink
    columns_per_step: float  # columns of the line's crop for one frame of the network

    @property
    def steps(self) -> int:
        """Frames that the network has for this picture."""
        return -(-int(self.picture.shape[1]) // STRIDE_PX)


def crop_line(line: LineImage) -> LineCrop:
    """Level the baseline, cut to the line's own rows with some air, scale to the net's height.

    Letters far higher than wide, as receipts have them, are made wider, so that each has frames
    enough.

    Columns keep their place: only rows are shifted, so that a frame of the network is found again
    on the page.
    """
    edges = line.glyph_edges()
    y0, y1 = _own_rows(line, edges)
    margin = max(1, round((y1 - y0) * _MARGIN))
    wider = _widening(edges, y1 - y0, HEIGHT_PX / (y1 - y0 + 2 * margin))
    y0, y1 = max(0, y0 - margin), min(line.gray.shape[0], y1 + margin)
    gray = _levelled(line)[y0:y1]
    if wider > 1.0:
        size = (round(wider * gray.shape[1]), y1 - y0)
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    picture = normalise_line(gray)
    return LineCrop(
        picture=picture, columns_per_step=STRIDE_PX * line.gray.shape[1] / picture.shape[1]
    )


def _widening(edges: Floats, height_px: int, scale: float) -> float:
    """How many times wider the letters must become: 1, unless they are too narrow.

    Args:
        edges: (N, 4) x0, y0, x1, y1 of the line's glyphs, px of the crop.
        height_px: of its own rows.
        scale: from the crop to the net's picture.
    """
    tall = edges[edges[:, 3] - edges[:, 1] >= _TALL * height_px]
    if len(tall) < _LEAST_LETTERS:
        return 1.0
    centres = np.sort((tall[:, 0] + tall[:, 2]) / 2)
    pitch_px = scale * median(np.diff(centres))
    return _WIDENED_PX / max(pitch_px, 1.0) if pitch_px < _NARROW_PX else 1.0


def _levelled(line: LineImage) -> GrayImage:
    left, right = line.baseline_px
    drop = right - left
    if abs(drop) < _LEVEL_ENOUGH * line.x_height_px:
        return line.gray
    height, width = line.gray.shape
    matrix = np.array([[1, 0, 0], [-drop / width, 1, drop / 2]], np.float32)
    level = cv2.warpAffine(line.gray, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8)


def _own_rows(line: LineImage, edges: Floats) -> tuple[int, int]:
    """Rows of the levelled crop that the line's own ink takes, at least an x-height."""
    left, right = line.baseline_px
    middle = (left + right) / 2
    # A line of dashes or dots alone still stands on a line of ordinary height.
    top, bottom = middle - 1.1 * line.x_height_px, middle + 0.1 * line.x_height_px
    height, width = line.gray.shape
    x0, y0, x1, y1 = edges.T
    shift = middle - (left + (right - left) * ((x0 + x1) / 2) / width)
    top = float((y0 + shift).min(initial=top))
    bottom = float((y1 + shift).max(initial=bottom))
    first = min(max(math.floor(top), 0), max(0, height - 2))
    return first, min(max(math.ceil(bottom), first + 1), height)
