"""Corners and crossings that are left of a grid are rules, not letters."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Sorted

_LONG: Final = 2.8  # letter heights of the longer side
_MOST_INK: Final = 0.2  # of the box; letters that touch have more
_THICKEST: Final = 0.3  # letter heights of a rule
_SLENDER: Final = 0.07  # of its length; of large letters a stroke is a tenth of the height
_LEAST_THICK_PX: Final = 3
_STRAIGHT: Final = 0.7  # of a side is inked where a rule runs along it
_STEP_PX: Final = 3
_REST: Final = 0.15  # of the ink may lie beside the rules: rough edges
_MOST_ASKED: Final = 400  # pieces of ink that may be corners


def set_corners_apart(found: Components, kinds: Sorted, text_height_px: float) -> Sorted:
    """The kinds with what consists of level and upright strokes alone among the rules.

    Where most of a grid was taken out of the page, ends of two rules that meet are left. A word
    whose letters touch, with a line under it or not, has ink beside its straight strokes.
    """
    body = kinds.body
    height, width = found.height[body].astype(np.int64), found.width[body].astype(np.int64)
    may_be = (np.maximum(height, width) >= _LONG * text_height_px) & (
        found.area[body] <= _MOST_INK * height * width
    )
    most_px = max(_LEAST_THICK_PX, round(_THICKEST * text_height_px))
    corners = [k for k in body[may_be][:_MOST_ASKED].tolist() if _is_corner(found, k, most_px)]
    if not corners:
        return kinds
    return replace(
        kinds,
        body=np.setdiff1d(body, corners),
        rule=np.concatenate([kinds.rule, np.array(corners, np.intp)]),
    )


def _is_corner(found: Components, k: int, most_px: int) -> bool:
    """Whether ink is no thicker than this, and straight; the strokes of an E or L are thick."""
    window = found.labels[found.y0[k] : found.y1[k], found.x0[k] : found.x1[k]]
    ink: npt.NDArray[np.bool_] = window == found.label[k]
    height, width = ink.shape
    # A rule that is a little crooked steps from line to line.
    near = np.asarray(ink, np.uint8)
    thickest = min(most_px, max(_LEAST_THICK_PX, round(_SLENDER * max(height, width))))
    side_px = thickest + 1
    if cv2.erode(near, np.ones((side_px, side_px), np.uint8), borderValue=0).any():
        return False
    level = cv2.dilate(near, np.ones((_STEP_PX, 1), np.uint8)).sum(axis=1) >= _STRAIGHT * width
    upright = cv2.dilate(near, np.ones((1, _STEP_PX), np.uint8)).sum(axis=0) >= _STRAIGHT * height
    rest = ink[~level][:, ~upright]
    return bool((level.any() or upright.any()) and rest.sum() <= _REST * ink.sum())
