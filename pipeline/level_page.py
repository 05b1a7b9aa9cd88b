"""A page before and after it was made level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pipeline.binarize import InkImage, binarize
from pipeline.deskew import rotate_gray, turned_ink
from pipeline.homography import Homography
from pipeline.image import GrayImage
from pipeline.rotation import Rotation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelPage:
    """The page, level and not, and the way between them."""

    upright: GrayImage
    gray: GrayImage
    ink: InkImage
    rotation: Rotation

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
        return LevelPage.of(gray, binarize(gray), -self.rotation.angle_deg), larger
