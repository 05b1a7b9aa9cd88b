"""A cleaned page with what it shows: thresholds, ink, and that at 100 dpi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline.binarize import InkImage, below, find_levels
from pipeline.image import GrayImage
from pipeline.marks import Overview
from pipeline.orient import rotate_quarter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenPage:
    """All of one size but the levels and the overview."""

    gray: GrayImage  # (H, W) uint8, 0 = black, cleaned
    levels: GrayImage  # of `pipeline.binarize.find_levels`
    ink: InkImage  # (H, W) bool
    overview: Overview

    @classmethod
    def of(cls, gray: GrayImage) -> Self:
        """What a cleaned page shows."""
        levels = find_levels(gray)
        ink = below(gray, levels)
        return cls(gray=gray, levels=levels, ink=ink, overview=Overview.of(ink))

    def turned(self, rotation_deg: int) -> SeenPage:
        """The same after a clockwise turn by 0, 90, 180 or 270 degrees."""
        if not rotation_deg:
            return self
        ink = np.ascontiguousarray(np.rot90(self.ink, -rotation_deg // 90))
        return SeenPage(
            gray=rotate_quarter(self.gray, rotation_deg),
            levels=rotate_quarter(self.levels, rotation_deg),
            ink=ink,
            overview=Overview.of(ink),
        )
