"""Solid dark pieces of a page: bands, boxes, photographs, the bed of a scanner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.connected import label_pieces
from pipeline.image import GrayImage

_LEAST_SIDE: Final = 8  # px at 75 dpi: 2.7 mm, a line of 7 pt
_LEAST_LETTERS: Final = 1.7  # letter heights of the page
_CORE: Final = 6  # px: side of a square that has room in every such piece, and in no stroke
_LEAST_STROKE: Final = 4  # px: what is thinner is taken off the pieces
_MOST_REGIONS: Final = 60  # the largest
_LEAST_DENSE: Final = 0.3  # of its box is dark
_LEAST_FULL: Final = 0.7  # of its outline is dark; a table with a frame has white cells
_LETTER: Final = 5  # px: white strokes of letters, and holes in them, that are narrower are filled
_MOST_PARTS: Final = 8  # of a piece, the largest
_MOST_BARS: Final = 20
_LEAST_SOLID: Final = 0.85  # of its convex hull: bands and rounded boxes are, drawings seldom


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DarkRegion:
    """A solid dark piece of the page, at the reduced size."""

    mask: GrayImage  # (h, w), 1 = in it, holes filled
    x: int  # of the mask's corner
    y: int

    @property
    def core(self) -> GrayImage:
        """The mask without its edge, whose tones lie between the region's and the paper's."""
        core = cv2.erode(
            self.mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
        )
        return np.asarray(core, np.uint8)


def solid_regions(dark: GrayImage) -> Iterator[DarkRegion]:
    """Dark pieces that are higher than letters and fill their outline, the largest first.

    Args:
        dark: (h, w) uint8, 1 = dark; a page at about 75 dpi.
    """
    # Strokes of text are thinner; most pages are done with here.
    square = np.ones((_CORE, _CORE), np.uint8)
    core = cv2.erode(dark, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if not core.any():
        return
    labels, stats = label_pieces(dark)
    x, y, width, height, area = stats.T
    wanted = np.zeros(len(area), np.bool_)
    wanted[labels[core > 0]] = True
    # Letters that touch are solid too, with holes in rows: those of their eyes.
    shorter = np.minimum(width, height)
    letters = height[(height >= 3) & (height <= 60) & (height <= 3 * width)]
    letter_px = weighted_median(letters, letters.astype(np.float64))
    least = max(_LEAST_SIDE, _LEAST_LETTERS * letter_px)
    wanted &= shorter >= least
    wanted[0] = False
    found = np.flatnonzero(wanted)
    bars = 0
    for k in found[np.argsort(-area[found])][:_MOST_REGIONS].tolist():
        window = (slice(y[k], y[k] + height[k]), slice(x[k], x[k] + width[k]))
        piece = np.equal(labels[window], k).astype(np.uint8)
        is_dense = area[k] >= _LEAST_DENSE * width[k] * height[k]
        mask = _filled(piece) if is_dense else None
        if mask is not None:
            yield DarkRegion(mask=mask, x=int(x[k]), y=int(y[k]))
        is_solid = mask is not None and area[k] >= _LEAST_FULL * np.count_nonzero(mask)
        if not is_solid and bars < _MOST_BARS:
            for bar in _bars_of(piece, least):
                bars += 1
                yield DarkRegion(mask=bar.mask, x=int(x[k]) + bar.x, y=int(y[k]) + bar.y)


def _filled(piece: GrayImage) -> GrayImage | None:
    """(h, w) uint8, 1 = in the outline of a piece; None where that is not solid."""
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.contourArea(cv2.convexHull(outline))
    if hull <= 0 or cv2.contourArea(outline) < _LEAST_SOLID * hull:
        return None
    mask = np.zeros_like(piece)
    cv2.drawContours(mask, [outline], -1, 1, cv2.FILLED)
    # Strokes that touch it from outside are no part of it.
    thick = np.ones((_LEAST_STROKE, _LEAST_STROKE), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, thick, borderValue=0), np.uint8)


def _bars_of(piece: GrayImage, least_px: float) -> Iterator[DarkRegion]:
    """Solid parts of a piece that is none as a whole: the head of a table hangs on its grid."""
    room = np.pad(piece, _LETTER)
    closed = cv2.morphologyEx(room, cv2.MORPH_CLOSE, np.ones((_LETTER, _LETTER), np.uint8))
    square = np.ones((_CORE | 1, _CORE | 1), np.uint8)  # a side that is even moves what it opens
    bars = cv2.morphologyEx(closed, cv2.MORPH_OPEN, square)
    labels, stats = label_pieces(np.asarray(bars, np.uint8))
    order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])
    for k in order[:_MOST_PARTS].tolist():
        x, y, width, height = stats[k, :4].tolist()
        if min(width, height) < least_px:
            continue
        mask = _filled(np.equal(labels[y : y + height, x : x + width], k).astype(np.uint8))
        if mask is not None:
            yield DarkRegion(mask=mask, x=x - _LETTER, y=y - _LETTER)


def weighted_median(sizes: npt.NDArray[Any], weights: npt.NDArray[np.float64]) -> float:
    """The middle of the sizes (N,) when each counts as much as its weight (N,); 0 without any."""
    if not len(sizes):
        return 0.0
    order = np.argsort(sizes)
    total = np.cumsum(weights[order])
    return float(sizes[order[np.searchsorted(total, total[-1] / 2)]])
