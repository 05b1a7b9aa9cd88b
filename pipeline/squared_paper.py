"""Squared paper under writing: pale lines in both directions, which a threshold finds in pieces.

The pieces are as high as letters and stand in rows; each was read as a 1 or a bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, is_bilevel
from pipeline.image import GrayImage
from pipeline.tones import paper_tone, percentile_tones

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

_BANDS: Final = 4  # of the page, each with places of its own: a line may lean a little
_STEP: Final = 4  # every such row or column of a band is looked at
_LEAST_INK: Final = 0.3  # along a line, more than what is usual beside it
_ABOUT_PX: Final = 31  # beside it
_LEAST_LINES: Final = 8  # of a band, in each direction
_EVEN: Final = 0.12  # of the distance of lines, that one may be off
_LEAST_EVEN: Final = 0.6  # of the lines that the page has room for are found
_LEAST_BANDS: Final = 3
_CORE: Final = 10.0  # percentile of the tones of ink: writing is the darkest there is
_PALE: Final = 0.7  # of the depth of writing has a line at most
_SIDE_PX: Final = 3  # of a line, with its shadow
_NEAR_PX: Final = 2  # around writing, whose edges are pale, too


@dataclass(frozen=True, slots=True)
class _Line:
    """Columns from `x0` to `x1` (exclusive) in rows `y0` to `y1` of a page, or of one turned."""

    x0: int
    x1: int
    y0: int
    y1: int


def without_squares(gray: GrayImage, ink: InkImage) -> tuple[GrayImage, InkImage] | None:
    """The page without the pale lines of squared paper, and its ink; None without such lines.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level; it is not changed.
        ink: (H, W) bool, its binarisation.
    """
    upright = _lines(ink)
    level = _lines(ink.T) if upright else []
    if not level or is_bilevel(gray):
        return None
    on_lines = np.zeros(gray.shape, np.uint8)
    for lines, page in ((upright, on_lines), (level, on_lines.T)):
        for line in lines:
            page[line.y0 : line.y1, line.x0 : line.x1] = 1
    is_on_line = on_lines.view(np.bool_)
    writing, other = gray[ink & ~is_on_line], gray[ink & is_on_line]
    if not writing.size or not other.size:
        return None
    paper = paper_tone(gray)
    depth = paper - percentile_tones(writing, (_CORE,))[0]
    pale = paper - percentile_tones(other, (50.0,))[0]
    if pale > _PALE * depth:
        return None
    strong = (gray <= paper - (pale + depth) / 2).view(np.uint8)
    near = cv2.dilate(strong, np.ones((2 * _NEAR_PX + 1, 2 * _NEAR_PX + 1), np.uint8))
    gone = is_on_line & (near == 0)
    gray = gray.copy()
    gray[gone] = np.uint8(paper)
    return gray, ink & ~gone


def _lines(ink: InkImage) -> list[_Line]:
    """The upright lines of squared paper; none where they are not all over it."""
    height, width = ink.shape
    if height < _BANDS:
        return []
    found: list[_Line] = []
    bands = 0
    for n in range(_BANDS):
        y0, y1 = n * height // _BANDS, (n + 1) * height // _BANDS
        places = _places(ink[y0:y1:_STEP].mean(axis=0, dtype=np.float32))
        places = _evenly_apart(places, width) if len(places) >= _LEAST_LINES else places[:0]
        if not len(places):
            continue
        bands += 1
        for x in places.tolist():
            found.append(_Line(max(0, x - _SIDE_PX), min(width, x + _SIDE_PX + 1), y0, y1))
    return found if bands >= _LEAST_BANDS else []


def _places(profile: Floats) -> Indices:
    """Where much more ink is along a line of pixels than beside it, by the share of ink of each."""
    if len(profile) < 2 * _ABOUT_PX:
        return np.empty(0, np.intp)
    three = np.convolve(profile, np.ones(3, np.float32), "same").astype(np.float32)
    about = cv2.blur(three[np.newaxis], (_ABOUT_PX, 1))[0]
    most = cv2.dilate(three[np.newaxis], np.ones((1, 2 * _SIDE_PX + 1), np.uint8))[0]
    peaks = np.flatnonzero((three >= about + _LEAST_INK) & (three >= most))
    # Both columns of a line may have as much.
    apart = np.diff(peaks, prepend=-_ABOUT_PX) > _SIDE_PX
    found: Indices = peaks[apart]
    return found


def _evenly_apart(places: Indices, length: int) -> Indices:
    """The places that have others at the usual distance; none where these are not all over.

    Lines of text have as much ink between them as lines of the paper.
    """
    steps = np.diff(places)
    alike = np.abs(steps[:, np.newaxis] - steps) <= _EVEN * steps
    usual = float(steps[np.argmax(alike.sum(axis=0))])
    apart = np.abs(places[:, np.newaxis] - places)
    has_next = (np.abs(apart - usual) <= _EVEN * usual).any(axis=0)
    even: Indices = places[has_next]
    is_all_over = len(even) >= max(_LEAST_LINES, _LEAST_EVEN * length / usual)
    return even if is_all_over else even[:0]
