"""The ink of a page at the scale where lines and letters, not strokes, are looked at.

Skew, orientation and blankness need about 100 dpi. An `Overview` is that image with its marks, made
once for all of them; each takes the full ink alone, too, and makes its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.connected import label_pieces

_WORK_SIDE = 1200  # px: A4 at 100 dpi
#: Up to this reduction a page has the letters of a page; what is reduced more may be a poster, a
#: newspaper or a strip, whose letters are not larger because the sheet is.
_MOST_TRUSTED = 3
_SAMPLED_ROWS = 200
_COVERAGE = 0.249  # of a pixel: with a quarter of ink it is ink, so that thin strokes stay


def reduce_ink(ink: InkImage) -> InkImage:
    """The full ink of a page at a whole fraction of its size; small pages as they are.

    The longer side becomes 800 to 1800 px, unless strokes would become thinner than a pixel: a
    large sheet is not one with large letters.

    >>> reduce_ink(np.ones((3600, 2400), np.bool_)).shape
    (1200, 800)
    """
    factor = round(max(ink.shape) / _WORK_SIDE)
    if factor > _MOST_TRUSTED:
        factor = max(1, int(min(_stroke_px(ink), factor)))
    if factor < 2:
        return ink
    height, width = (n // factor * factor for n in ink.shape)
    if not (height and width):
        return ink
    # Sums of shifted rows, then of columns as channels: a third of the time that resizing takes.
    pixels = ink.view(np.uint8)[:height, :width]
    if factor**2 > 255:
        pixels = pixels.astype(np.uint16)
    rows = pixels[::factor].copy()
    for k in range(1, factor):
        rows += pixels[k::factor]
    counts, *others = cv2.split(rows.reshape(height // factor, width // factor, factor))
    for other in others:
        counts += other
    return np.asarray(np.greater_equal(counts, math.ceil(_COVERAGE * factor**2)), np.bool_)


def _stroke_px(ink: InkImage) -> float:
    """Median length of level runs of ink, those of one pixel left out; inf where there are none."""
    rows = ink[:: max(1, ink.shape[0] // _SAMPLED_ROWS)]
    if 2 * np.count_nonzero(rows) > rows.size:
        rows = np.logical_not(rows)
    padded = np.pad(rows.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1).ravel()
    runs = np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)
    runs = runs[runs > 1]
    return float(np.median(runs)) if runs.size else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """The connected pieces of ink of one image, 8-connected; arrays of equal length (N,)."""

    labels: npt.NDArray[np.int32]  # (H, W): k + 1 on mark k, 0 on paper
    x_px: npt.NDArray[np.int32]  # left edge
    y_px: npt.NDArray[np.int32]  # upper edge
    width_px: npt.NDArray[np.int32]
    height_px: npt.NDArray[np.int32]
    area_px: npt.NDArray[np.int32]


def find_marks(ink: InkImage) -> Marks:
    """The connected pieces of ink."""
    labels, stats = label_pieces(ink)
    x, y, width, height, area = stats[1:].T
    return Marks(
        labels=labels,
        x_px=x,
        y_px=y,
        width_px=width,
        height_px=height,
        area_px=area,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overview:
    """The ink of a page at about 100 dpi, and its marks."""

    ink: InkImage  # (h, w), of `reduce_ink`
    marks: Marks  # of it

    @classmethod
    def of(cls, ink: InkImage) -> Self:
        """The overview of the full-size ink of a page."""
        small = reduce_ink(ink)
        return cls(ink=small, marks=find_marks(small))

    @property
    def is_reversed(self) -> bool:
        """Whether most of the page is ink: what stands on it is its paper, then."""
        return bool(2 * np.count_nonzero(self.ink) > self.ink.size)

    def of_print(self) -> Overview:
        """The overview of what stands on the page: of its paper where most of it is ink."""
        if not self.is_reversed:
            return self
        light = np.logical_not(self.ink)
        return Overview(ink=light, marks=find_marks(light))
