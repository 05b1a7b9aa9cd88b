"""Rules that run aslant to the lines of text: a page typed on ruled paper is seldom straight in it.

Rules are looked for as level runs of ink, and a page is turned until its text is level. Where the
rules are not, columns are shifted up or down until they are, and back afterwards; nothing is drawn
anew.
"""

from __future__ import annotations

from typing import Final, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.layout.components import Components
from pipeline.rule_removal import remove_rules

_Page = TypeVar("_Page", GrayImage, InkImage)

_WIDE: Final = 15.0  # letter heights of a piece of ink that may be a rule with its letters
_LEAST_SHARE: Final = 0.25  # of the page's width
_MOST_ASKED: Final = 80
_THICK: Final = 0.25  # letter heights of a rule at most
_EVERY_PX: Final = 4  # columns that are looked at
_STEEPEST: Final = 0.05
_LEAST: Final = 0.0025  # 0.14 degrees: a rule of two pixels is level for 800 then
_STEP: Final = 0.0005
_CLEARER: Final = 1.3  # times as much ink in line as level


def without_slanted_rules(
    gray: GrayImage, ink: InkImage, found: Components, text_height_px: float
) -> tuple[GrayImage, InkImage] | None:
    """The page without boxes that are askew, its ink without rules that are; None without any.

    Args:
        gray: (H, W) uint8, 0 = black; it is not changed.
        ink: (H, W) bool, of a level page.
        found: its pieces.
        text_height_px: of a typical letter, as far as that is known; else 0.
    """
    slope = slope_of_rules(found, text_height_px)
    if not slope:
        return None
    tones = shifted(gray, slope)
    ruled = remove_rules(tones, shifted(ink, slope), text_height_px)
    if ruled is None:
        return None
    bare = gray if ruled[0] is tones else shifted_back(ruled[0], slope)
    return bare, shifted_back(ruled[1], slope)


def slope_of_rules(found: Components, text_height_px: float) -> float:
    """By how much rules sink to the right (px a px) where they do not run level; else 0.

    Args:
        found: the pieces of a level page's ink.
        text_height_px: of a typical letter; 0 if that is not known.
    """
    width = found.width
    least = max(_WIDE * text_height_px, _LEAST_SHARE * found.labels.shape[1])
    wide = np.flatnonzero(width >= least)
    if not len(wide):
        return 0.0
    wide = wide[np.argsort(-width[wide], kind="stable")[:_MOST_ASKED]]
    thick_px = max(2, round(_THICK * text_height_px))
    points = [_thin_ink(found, k, thick_px) for k in wide.tolist()]
    y, x = (np.concatenate(parts) for parts in zip(*points, strict=True))
    if not len(x):
        return 0.0
    slopes = np.arange(-round(_STEEPEST / _STEP), round(_STEEPEST / _STEP) + 1) * _STEP
    in_line = [_in_line(y - slope * x) for slope in slopes.tolist()]
    best = int(np.argmax(in_line))
    level = max(n for n, slope in zip(in_line, slopes, strict=True) if abs(slope) < _LEAST)
    is_aslant = abs(slopes[best]) >= _LEAST and in_line[best] >= _CLEARER * level
    return float(slopes[best]) if is_aslant else 0.0


def _thin_ink(
    found: Components, k: int, thick_px: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Y and x of the ink of a piece that is no higher than a rule, in some of the columns."""
    left, top = int(found.x0[k]), int(found.y0[k])
    block = found.labels[top : found.y1[k], left : found.x1[k] : _EVERY_PX] == found.label[k]
    ink = block.view(np.uint8)
    tall = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thick_px + 1, 1), np.uint8))
    y, x = np.nonzero(np.greater(ink, tall))
    return (y + top).astype(np.float64), (left + _EVERY_PX * x).astype(np.float64)


def _in_line(y: npt.NDArray[np.float64]) -> float:
    """How much ink lies in few lines of pixels: the sum of squares of the counts."""
    rows = np.rint(y - y.min()).astype(np.intp)
    return float(np.square(np.bincount(rows).astype(np.float64)).sum())


def shifted(page: _Page, slope: float) -> _Page:
    """(H + 2 m, W): a page, or its ink, with what sinks by this slope to the right level.

    m is the room for the largest shift. `shifted_back` undoes it.
    """
    height, width = page.shape
    room = _room(width, slope)
    out = np.zeros((height + 2 * room, width), page.dtype)
    for x0, x1, down_px in _columns(width, slope):
        out[room - down_px : room - down_px + height, x0:x1] = page[:, x0:x1]
    return out


def shifted_back(level: _Page, slope: float) -> _Page:
    """(H, W): the page that `shifted` was given."""
    width = level.shape[1]
    room = _room(width, slope)
    height = len(level) - 2 * room
    out = np.empty((height, width), level.dtype)
    for x0, x1, down_px in _columns(width, slope):
        out[:, x0:x1] = level[room - down_px : room - down_px + height, x0:x1]
    return out


def _room(width: int, slope: float) -> int:
    return int(abs(slope) * width / 2) + 1


def _columns(width: int, slope: float) -> list[tuple[int, int, int]]:
    """Columns from and to that are shifted alike, and by how many pixels they lie too low."""
    down = np.rint(slope * (np.arange(width) - width / 2)).astype(np.intp)
    edges = np.flatnonzero(np.diff(down)) + 1
    starts, ends = [0, *edges.tolist()], [*edges.tolist(), width]
    return [(x0, x1, int(down[x0])) for x0, x1 in zip(starts, ends, strict=True)]
