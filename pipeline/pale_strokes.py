"""Strokes of a pen or a stamp that are paler than the print which they cross are taken out.

A stamp's ring and all letters that it touches are one piece of ink, and the letters have strokes of
the ring in them. Where the ring is paler than the letters, their tones part them again.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, is_bilevel
from pipeline.image import GrayImage
from pipeline.layout.components import Components, Flags, Sorted
from pipeline.tones import paper_tone, percentile_tones

_LEAST_SIDE: Final = 2.5  # letter heights of a piece of ink that may be a ring or a loop
_MOST_FILLED: Final = 0.25  # of its box is ink; a picture has more
_MOST_STRAIGHT: Final = 0.5  # of its ink in long level or upright runs; a grid has more
_LONG: Final = 2.0  # letter heights of such a run
_THICKEST: Final = 0.8  # letter heights: the bed of a scanner is solid
_MOST_ASKED: Final = 20
_MOST_PIXELS: Final = 6_000_000  # of the boxes of all that are asked
_CORE: Final = 25.0  # percentile of the tones of print: that of its strokes, not of their edges
_PALE: Final = 0.8  # of the depth of print has a pale stroke at most
_EVEN: Final = 0.15  # of that depth between quartiles of a stroke's tones; a photograph has more
_PRINT: Final = 0.9  # of that depth has print
_CROSSING: Final = (0.01, 0.35)  # of a piece's ink is print: it crosses letters
_LEAST_INSIDE: Final = 50  # pixels within a stroke, whose tone no edge makes paler
_NEAR: Final = 0.1  # letter heights around print, whose edges are pale, too
_EDGE_PX: Final = 2  # of a pale stroke outside of the ink


def clear_pale_strokes(
    gray: GrayImage, ink: InkImage, found: Components, kinds: Sorted, text_height_px: float
) -> tuple[GrayImage, InkImage] | None:
    """The page without pale strokes through print, and its ink; None when there are none.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level; it is not changed.
        ink: (H, W) bool, its binarisation.
        found: the pieces of that ink.
        kinds: what each is by its size.
        text_height_px: of a typical letter.
    """
    asked = _candidates(found, kinds, text_height_px)
    if not asked or not len(kinds.body) or is_bilevel(gray):
        return None
    paper = paper_tone(gray)
    depth = paper - _tone_of_print(gray, found, kinds)
    side = 2 * max(1, round(_NEAR * text_height_px)) + 1
    cleared: tuple[GrayImage, InkImage] | None = None
    for k in asked:
        window = _window(found, k)
        own = found.labels[window] == found.label[k]
        tones = gray[window]
        tone = _pale_depth(paper - tones[_inside(own)].astype(np.float64), depth)
        if tone is None or _is_straight(own, text_height_px):
            continue
        # Half way between the two tones.
        strong = (tones <= paper - (tone + depth) / 2).view(np.uint8)
        near = cv2.dilate(strong, np.ones((side, side), np.uint8))
        edges = np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8)
        gone = (cv2.dilate(own.view(np.uint8), edges) > 0) & (near == 0)
        cleared = cleared or (gray.copy(), ink.copy())
        cleared[0][window][gone] = np.uint8(paper)
        cleared[1][window][gone] = False
    return cleared


def _inside(own: Flags) -> Flags:
    """The ink of a piece without its edges."""
    inside = cv2.erode(own.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    return np.asarray(inside > 0, np.bool_)


def _pale_depth(depths: npt.NDArray[np.float64], depth: float) -> float | None:
    """How deep the pale strokes of a piece are that has some print in it; None of other pieces.

    Args:
        depths: (N,) grey levels below the paper, of the pixels within its strokes.
        depth: the same of print.
    """
    is_print = depths >= _PRINT * depth
    if len(depths) < _LEAST_INSIDE or not _CROSSING[0] <= is_print.mean() <= _CROSSING[1]:
        return None
    low, pale, high = np.percentile(depths[~is_print], (25, 50, 75)).tolist()
    is_even = high - low <= _EVEN * depth
    return float(pale) if is_even and pale <= _PALE * depth else None


def _candidates(found: Components, kinds: Sorted, text_height_px: float) -> list[int]:
    """Large pieces that are thin strokes by how much of their box they fill, the largest first."""
    large = np.concatenate([kinds.picture, kinds.rule])
    width, height = found.width[large].astype(np.int64), found.height[large].astype(np.int64)
    may_be = np.minimum(width, height) >= _LEAST_SIDE * text_height_px
    may_be &= found.area[large] <= _MOST_FILLED * width * height
    asked = large[may_be]
    asked = asked[np.argsort(-found.area[asked], kind="stable")[:_MOST_ASKED]]
    pixels = np.cumsum(found.width[asked].astype(np.int64) * found.height[asked])
    asked = asked[pixels <= _MOST_PIXELS]
    side = max(3, round(_THICKEST * text_height_px))
    return [k for k in asked.tolist() if _is_thin(found, k, side)]


def _is_thin(found: Components, k: int, side_px: int) -> bool:
    own = np.asarray(found.labels[_window(found, k)] == found.label[k], np.uint8)
    return not cv2.erode(own, np.ones((side_px, side_px), np.uint8), borderValue=0).any()


def _is_straight(own: Flags, text_height_px: float) -> bool:
    """Whether most of a piece is level and upright lines, as those of a table are."""
    length = max(3, round(_LONG * text_height_px))
    ink = own.view(np.uint8)
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    straight = np.count_nonzero(cv2.bitwise_or(level, upright))
    return bool(straight > _MOST_STRAIGHT * np.count_nonzero(own))


def _tone_of_print(gray: GrayImage, found: Components, kinds: Sorted) -> float:
    """The tone of the strokes of letters, from every third row of the page."""
    is_body = np.zeros(found.highest + 1, np.bool_)
    is_body[found.label[kinds.body]] = True
    inside = is_body[found.labels[::3]]
    tones: npt.NDArray[np.uint8] = gray[::3][inside]
    return percentile_tones(tones, (_CORE,))[0] if tones.size else 0.0


def _window(found: Components, k: int) -> tuple[slice, slice]:
    """The box of a piece with room for its edges."""
    height, width = found.labels.shape
    return (
        slice(max(0, int(found.y0[k]) - _EDGE_PX), min(height, int(found.y1[k]) + _EDGE_PX)),
        slice(max(0, int(found.x0[k]) - _EDGE_PX), min(width, int(found.x1[k]) + _EDGE_PX)),
    )
