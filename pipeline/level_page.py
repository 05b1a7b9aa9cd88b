"""A page before and after it was made level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import cv2
import numpy as np

from pipeline.binarize import InkImage, binarize
from pipeline.deskew import rotate_gray, turned_ink
from pipeline.flatten import Flattening, flatten_gray
from pipeline.homography import Homography
from pipeline.image import GrayImage
from pipeline.rotation import Rotation

_COVERED: Final = 128  # of 255, where flags were drawn anew


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelPage:
    """The page, level and not, and the way between them."""

    upright: GrayImage
    gray: GrayImage
    ink: InkImage
    rotation: Rotation
    #: (H, W) of the level page: rules, which are to be seen in `gray` and are no ink.
    covered: InkImage | None = None
    #: Gaps of strokes that are less than this wide are ink, and paper in `gray`; 0: there are none.
    closed_px: int = 0

    @classmethod
    def of(
        cls, upright: GrayImage, ink: InkImage, slope_deg: float, levels: GrayImage | None = None
    ) -> Self:
        """Make a page level.

        Args:
            upright: (H, W) uint8, 0 = black.
            ink: (H, W) bool, its binarisation.
            slope_deg: of its lines, clockwise; 0: the page stays as it is.
            levels: of `pipeline.binarize.find_levels`, which turn with the page; None: the level
                page is thresholded anew.
        """
        height_px, width_px = upright.shape
        rotation = Rotation.of(width_px, height_px, -slope_deg)
        gray = upright
        if slope_deg:
            gray = rotate_gray(upright, -slope_deg)
            ink = binarize(gray) if levels is None else turned_ink(gray, levels, rotation)
        return cls(upright=upright, gray=gray, ink=ink, rotation=rotation)

    def enlarged(self, factor: int) -> tuple[LevelPage, Homography]:
        """The same from a larger copy of the upright page, and the way to that copy."""
        height_px, width_px = self.upright.shape
        larger = Homography.scaling(width_px, height_px, factor)
        gray = larger.apply(self.upright)
        closed_px = factor * self.closed_px
        ink = binarize(close_gaps(gray, closed_px))
        page = LevelPage.of(gray, ink, -self.rotation.angle_deg)
        page = replace(page, closed_px=closed_px)
        if self.covered is None:
            return page, larger
        covered = larger.apply(_painted(self.covered)) >= _COVERED
        return replace(page, ink=page.ink & ~covered, covered=covered), larger

    def ink_of(self, straight: GrayImage, flattening: Flattening) -> InkImage:
        """(H', W') bool: the ink of this page made straight."""
        ink = binarize(close_gaps(straight, self.closed_px))
        if self.covered is None:
            return ink
        return ink & (flatten_gray(_painted(self.covered), flattening) < _COVERED)


def close_gaps(gray: GrayImage, side_px: int) -> GrayImage:
    """(H, W) uint8: the page without white that is less than this wide."""
    if side_px < 2:
        return gray
    kernel = np.ones((side_px, side_px), np.uint8)
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_OPEN, kernel), np.uint8)


def _painted(covered: InkImage) -> GrayImage:
    """Flags as a picture, with what a threshold finds at their edges on a picture drawn anew."""
    flags = covered.view(np.uint8) * np.uint8(255)
    return np.asarray(cv2.dilate(flags, np.ones((3, 3), np.uint8)), np.uint8)
