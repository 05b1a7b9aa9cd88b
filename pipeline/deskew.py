"""How far the text slopes, from the profile of its baselines, and the page turned level.

docs/decisions/ tells why the profile was kept and not the Hough transform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, below, binarize
from pipeline.image import GrayImage
from pipeline.marks import Overview
from pipeline.rotation import Rotation
from pipeline.tones import paper_tone

#: Largest slope that is looked for. Beyond it a page is rather a quarter-turned one.
MAX_SKEW_DEG = 20.0
#: Text has 0.87 to 0.99; scattered letters, circles and noise stay below 0.45.
MIN_CONFIDENCE = 0.7

_PHI = 0.6180339887498949
_MIN_POINTS = 60  # three or four letters
_COARSE_POINTS = 5_000  # more don't move the best coarse angle

# (reach, step, bin). The last reaches as far as lines of a page that is not quite flat slope.
_COARSE = (MAX_SKEW_DEG, 0.5, 2.5)
_FINE = (0.6, 0.1, 1.5)
_FINEST = (0.8, 0.05, 1.5)
_TOP = 0.6  # of the best score: what is above counts for the slope

#: Pixels for one threshold from which a turned page keeps the thresholds that it had. Turning blurs
#: the letters of smaller pages so much that new ones have up to a fifth more ink, which they need.
_LEAST_PX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """The slope of the text: positive when it runs downhill to the right (clockwise on screen).

    `confidence` is 0..1: the share of the profile's best score that lies above what any angle
    scores. Below `MIN_CONFIDENCE` there is no evidence and `skew_deg` is 0.
    """

    skew_deg: float
    confidence: float
    method: str


def estimate_skew(ink: InkImage, overview: Overview | None = None) -> Skew:
    """Find the slope of the text lines.

    The lower edges of the marks are projected along each angle; along the baselines they fall into
    few bins, so the squared differences of neighbouring bins are largest (Postl 1986; lower edges
    after Baird 1987).

    Args:
        ink: (H, W) bool, True = ink; full size.
        overview: of the same ink, where it has been made.

    Returns:
        The slope within +-MAX_SKEW_DEG, to about 0.02 degrees on a page of text; 0 with too little
        text, without evidence, or when it is less than half a pixel over the width of the text.
    """
    points = _baseline_points((overview or Overview.of(ink)).of_print())
    if points.shape[1] < _MIN_POINTS:
        return Skew(skew_deg=0.0, confidence=0.0, method="profile")
    thinned = points[:, :: points.shape[1] // _COARSE_POINTS + 1]
    angles, scores = _search(thinned, 0.0, *_COARSE)
    confidence = 1.0 - float(np.median(scores) / scores.max())
    best = float(angles[scores.argmax()])
    angles, scores = _search(points, best, *_FINE)
    angles, scores = _search(points, float(angles[scores.argmax()]), *_FINEST)
    # The centre of all that scores well is steadier than the highest of peaks that are alike: upper
    # and lower lines of a receipt may slope differently.
    weights = np.maximum(scores - _TOP * scores.max(), 0.0)
    skew_deg = float(weights @ angles / weights.sum())
    width_px = float(np.ptp(points[0]))
    if confidence < MIN_CONFIDENCE or abs(np.deg2rad(skew_deg)) * width_px < 0.5:
        skew_deg = 0.0
    return Skew(skew_deg=skew_deg, confidence=confidence, method="profile")


def _baseline_points(overview: Overview) -> npt.NDArray[np.float32]:
    """(2, N) x and y of the lower edges of marks that can be letters or words, px."""
    small, marks = overview.ink, overview.marks
    # Pictures are high; slanted strokes of drawings fill little of their box.
    fill = marks.area_px / (marks.width_px * marks.height_px)
    wanted = (
        (marks.height_px <= max(small.shape) / 12)
        & (marks.height_px >= 2)
        & (marks.area_px >= 3)
        & ((fill >= 0.15) | (marks.width_px <= 16))
    )
    edge = small.copy()
    np.greater(small[:-1], small[1:], out=edge[:-1])
    y, x = np.divmod(np.flatnonzero(edge), small.shape[1])
    mark = marks.labels[y, x] - 1
    y, x, mark = (v[wanted[mark]] for v in (y, x, mark))
    # A level stroke lines up with itself at some angle, which proves nothing: long marks count
    # no more than three letters of their height.
    share = np.minimum(3.0 * marks.height_px / marks.width_px, 1.0)[mark]
    counted = np.arange(y.size) * _PHI % 1.0 < share
    y, x = y[counted], x[counted]
    # Whole numbers fall into whole bins at 0 degrees and would favour it: spread every point over
    # its pixel (additive recurrence: even, and the same on every run).
    steps = np.arange(y.size, dtype=np.float64)
    x_px = x + (steps * 0.7548776662466927) % 1.0
    y_px = y + (steps * _PHI) % 1.0
    return np.stack([x_px, y_px]).astype(np.float32)


def _search(
    points: npt.NDArray[np.float32],
    centre_deg: float,
    reach_deg: float,
    step_deg: float,
    bin_px: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The angles around a centre, and how sharp the profile of the points is along each."""
    count = round(reach_deg / step_deg)
    angles = np.asarray(centre_deg + step_deg * np.arange(-count, count + 1), np.float64)
    x, y = points / np.float32(bin_px)
    scores = np.empty(len(angles))
    for k, radians in enumerate(np.deg2rad(angles).tolist()):
        bins = y * np.float32(math.cos(radians))
        bins -= x * np.float32(math.sin(radians))
        bins -= bins.min()
        # All angles at once would not fit into the processor's cache: four times as slow.
        counts = np.bincount(bins.astype(np.intp))
        steps = counts[1:] - counts[:-1]
        scores[k] = steps @ steps + counts[0] ** 2 + counts[-1] ** 2
    return angles, scores


def rotate_gray(gray: GrayImage, angle_deg: float) -> GrayImage:
    """Turn a page clockwise by a small angle; nothing is cut off, new corners are paper.

    `Rotation.of(width, height, angle_deg)` maps the result back. To take out a skew, turn by
    `-skew_deg`.

    Args:
        gray: (H, W) uint8, 0 = black.
        angle_deg: clockwise on screen.

    Returns:
        (H', W') uint8 of `Rotation.target_size`; the input itself for angle 0.
    """
    if angle_deg == 0.0:
        return gray
    rotation = Rotation.of(gray.shape[1], gray.shape[0], angle_deg)
    turned = cv2.warpAffine(
        gray,
        rotation.pixel_matrix(),
        rotation.target_size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=paper_tone(gray),
    )
    return np.asarray(turned, np.uint8)


def turned_ink(gray: GrayImage, levels: GrayImage, rotation: Rotation) -> InkImage:
    """The ink of a page that was turned, by the thresholds that it had where they still fit.

    Args:
        gray: (H', W') uint8, 0 = black: the turned page.
        levels: (h, w) uint8, the thresholds of the upright page (`pipeline.binarize`).
        rotation: how it was turned.
    """
    # One level is that of a page in black and white, which a turned page is no more.
    if 1 < levels.shape[1] <= rotation.source_size[0] / _LEAST_PX:
        return below(gray, rotate_levels(levels, rotation))
    return binarize(gray)


def rotate_levels(levels: GrayImage, rotation: Rotation) -> GrayImage:
    """The map of thresholds (`pipeline.binarize`) of a page for its turned copy.

    Args:
        levels: (h, w) uint8, stretched over the upright page.
        rotation: of the page.

    Returns:
        (h', w') uint8, to be stretched over the turned page.
    """
    if levels.size == 1 or rotation.is_identity:
        return levels
    height, width = levels.shape
    scale_x, scale_y = rotation.source_size[0] / width, rotation.source_size[1] / height
    target = (
        max(1, round(rotation.target_size[0] / scale_x)),
        max(1, round(rotation.target_size[1] / scale_y)),
    )
    turn = np.vstack([rotation.pixel_matrix(), [0.0, 0.0, 1.0]])
    matrix = (
        np.linalg.inv(_stretch(target, rotation.target_size))
        @ turn
        @ _stretch((width, height), rotation.source_size)
    )
    turned = cv2.warpAffine(
        levels, matrix[:2], target, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)


def _stretch(size: tuple[int, int], full: tuple[int, int]) -> npt.NDArray[np.float64]:
    """(3, 3) from pixel indices of a small picture to those of one that covers the same place."""
    x, y = full[0] / size[0], full[1] / size[1]
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])
