"""Random small changes of 32x32 pictures, so that a network does not learn positions by heart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.glyph_image import SIZE_PX, normalise_intensity

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Largest change of each kind; a change is uniform between minus and plus it."""

    rotation_deg: float = 10.0
    zoom: float = 0.05  # share of the size, each axis for itself
    shift: float = 0.1  # share of the ink's 24 px
    shear: float = 0.15  # tangent
    recentred: float = 0.5  # share of pictures put back into the box afterwards, as reading does
    pen: float = 0.3  # share of pictures made bolder, thinner or two-level, as scanned forms are


def augment(picture: Picture, how: Augmentation, rng: np.random.Generator) -> Picture:
    """A changed copy of one picture, (32, 32) uint8."""
    angle, shear, zoom_x, zoom_y, dx, dy = rng.uniform(-1.0, 1.0, 6)
    cos, sin = (
        np.cos(np.deg2rad(angle * how.rotation_deg)),
        np.sin(np.deg2rad(angle * how.rotation_deg)),
    )
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.array(
        [[1 + zoom_x * how.zoom, shear * how.shear], [0.0, 1 + zoom_y * how.zoom]]
    )
    centre = (SIZE_PX - 1) / 2
    is_recentred, is_pen = rng.random(2) < (how.recentred, how.pen)
    shift = 0.0 if is_recentred else how.shift * 24
    offset = centre + np.array([dx, dy]) * shift - linear @ np.array([centre, centre])
    # Straight from 8-bit pixels: the loss by rounding is far below the noise of scans.
    matrix = np.column_stack([linear, offset])
    changed = np.asarray(
        cv2.warpAffine(picture, matrix, (SIZE_PX, SIZE_PX), flags=cv2.INTER_LINEAR), np.uint8
    )
    if is_pen:
        changed = _change_pen(changed, rng)
    if is_recentred:
        changed = normalise_intensity(changed)
    return changed if changed.any() else picture


def _change_pen(picture: Picture, rng: np.random.Generator) -> Picture:
    kind = rng.integers(4)
    if kind == 0:
        return np.asarray(cv2.dilate(picture, np.ones((2, 2), np.uint8)), np.uint8)
    level = int(rng.integers(60, 190))
    two_level = np.where(picture > level, 255, 0).astype(np.uint8)
    if kind == 1:
        return two_level
    # A two-level scan at another resolution: steps of the size of its pixels.
    small = int(rng.integers(14, 40))
    scan = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    scan = np.where(scan > level, 255, 0).astype(np.uint8)
    return np.asarray(
        cv2.resize(scan, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_LINEAR), np.uint8
    )
