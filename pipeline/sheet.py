"""The sheet in a photograph: found by four clear edges, seen from straight above.

A flat-bed scan has no such edges, or level ones: then nothing is done.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import otsu_threshold
from pipeline.homography import Homography
from pipeline.image import GrayImage
from pipeline.shrink import shrink

Corners = npt.NDArray[np.float64]  # (4, 2), clockwise from the upper left one

_WORK_SIDE: Final = 500
_LEAST_SHARE: Final = 0.25  # of the picture, in the sheet
_LEAST_CONTRAST: Final = 40.0  # gray levels between sheet and ground
_MOST_OFF: Final = 0.012  # the outline from its four sides, as share of the longer side
_LEAST_TILT_DEG: Final = 1.0  # of opposite sides; below it the deskew does all


def find_sheet(gray: GrayImage) -> Homography | None:
    """The map that shows the sheet from straight above; None without evidence.

    Evidence is a bright region on darker ground whose outline is four straight sides, of which two
    opposite ones run together by a degree or more.

    Args:
        gray: (H, W) uint8, 0 = black: the upright page, not cleaned.
    """
    height, width = gray.shape
    if min(height, width) < 64:
        return None
    factor = max(1, round(max(gray.shape) / _WORK_SIDE))
    small = cv2.medianBlur(shrink(gray, factor, factor), 5)
    histogram = np.bincount(small.ravel(), minlength=256).astype(np.float64)
    threshold, contrast = otsu_threshold(histogram)
    if contrast < _LEAST_CONTRAST:
        return None
    bright = np.greater_equal(small, threshold).astype(np.uint8)
    # Text must not cut the sheet into pieces.
    side = max(3, max(small.shape) // 40) | 1
    whole = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = np.asarray(max(outlines, key=cv2.contourArea), np.int32)
    if cv2.contourArea(outline) < _LEAST_SHARE * small.size:
        return None
    corners = _four_corners(outline, max(small.shape))
    if corners is None or not _is_inside(corners, small.shape):
        return None
    if _tilt_deg(corners) < _LEAST_TILT_DEG:
        return None
    corners = (corners + 0.5) * factor
    return Homography.straightening(corners, (width, height), _size_of(corners))


def _four_corners(outline: npt.NDArray[np.int32], longest: int) -> Corners | None:
    """Where the lines through the four sides meet; None when they are not straight."""
    hull = cv2.convexHull(outline)
    rough = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True).reshape(-1, 2)
    if len(rough) != 4:
        return None
    rough = _clockwise(rough.astype(np.float64))
    points = outline.reshape(-1, 2).astype(np.float64)
    sides = [(rough[k], rough[(k + 1) % 4]) for k in range(4)]
    distance = np.stack([_distance(points, *side) for side in sides])
    nearest = distance.argmin(axis=0)
    if np.quantile(distance.min(axis=0), 0.98) > _MOST_OFF * longest:
        return None
    lines = []
    for k, (start, end) in enumerate(sides):
        along = (points - start) @ (end - start) / max(float(np.sum((end - start) ** 2)), 1.0)
        own = points[(nearest == k) & (along > 0.1) & (along < 0.9)]
        if len(own) < 10:
            return None
        vx, vy, x, y = cv2.fitLine(own.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((np.array([x, y], np.float64), np.array([vx, vy], np.float64)))
    return np.array([_meet(*lines[k - 1], *lines[k]) for k in range(4)])


def _clockwise(corners: Corners) -> Corners:
    """From the upper left one."""
    middle = corners.mean(axis=0)
    order = np.argsort(np.arctan2(*(corners - middle).T[::-1]))
    corners = corners[order]
    return np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)


def _distance(points: Corners, start: Corners, end: Corners) -> npt.NDArray[np.float64]:
    along = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)
    off = points - start
    distance: npt.NDArray[np.float64] = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0])
    return distance


def _meet(p: Corners, u: Corners, q: Corners, v: Corners) -> Corners:
    step = np.linalg.lstsq(np.column_stack([u, -v]), q - p, rcond=None)[0]
    point: Corners = p + step[0] * u
    return point


def _is_inside(corners: Corners, shape: tuple[int, ...]) -> bool:
    """A sheet that is cut off by the picture shows no edge there."""
    x, y = corners.T
    margin = 0.004 * max(shape)
    return bool(
        (x > margin).all()
        and (y > margin).all()
        and (x < shape[1] - 1 - margin).all()
        and (y < shape[0] - 1 - margin).all()
    )


def _tilt_deg(corners: Corners) -> float:
    """How much opposite sides run together, the larger of the two."""
    sides = np.roll(corners, -1, axis=0) - corners
    angle = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    return float(max(abs((angle[k] - angle[k + 2]) % 360 - 180) for k in (0, 1)))


def _size_of(corners: Corners) -> tuple[int, int]:
    """(width_px, height_px): the longer of opposite sides, so that nothing is lost."""
    length = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    return max(round(max(length[0], length[2])), 1), max(round(max(length[1], length[3])), 1)
