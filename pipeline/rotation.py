"""The mapping between the upright page and its deskewed copy.

Points are continuous page coordinates: pixel (x, y) covers x..x+1 and y..y+1, so box edges are
points and the centre of the first pixel is (0.5, 0.5). The deskewed copy is large enough to hold
the whole turned page; nothing is cut off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from ocrq.types import Box

Points = npt.NDArray[np.float64]  # (N, 2), x then y, px


class PageMapping(Protocol):
    """How the page that lines are cut from came from the upright page."""

    @property
    def source_size(self) -> tuple[int, int]:
        """(width_px, height_px) of the upright page."""

    def to_upright_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) on the upright page; they may lie outside of it."""

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """Boxes (N, 4) of x0, y0, x1, y1 on the upright page, clipped to it, none empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A turn about the page centre, clockwise on screen, that led from upright to deskewed.

    Text that runs downhill by `skew_deg` becomes level with `Rotation.of(w, h, -skew_deg)`.
    Sizes are (width_px, height_px).
    """

    angle_deg: float
    source_size: tuple[int, int]  # of the upright page
    target_size: tuple[int, int]  # of the deskewed page

    def __post_init__(self) -> None:
        if min(*self.source_size, *self.target_size) < 1:
            raise ValueError(f"empty page: {self}")

    @classmethod
    def of(cls, width_px: int, height_px: int, angle_deg: float) -> Self:
        """The turn of a page of this size by this angle.

        >>> Rotation.of(100, 50, 0.0).target_size
        (100, 50)
        >>> Rotation.of(100, 50, 90.0).target_size
        (50, 100)
        """
        cos, sin = abs(_cos(angle_deg)), abs(_sin(angle_deg))
        # A corner that sticks out by a thousandth of a pixel is rounding, not paper.
        width = math.ceil(width_px * cos + height_px * sin - 1e-3)
        height = math.ceil(width_px * sin + height_px * cos - 1e-3)
        return cls(
            angle_deg=angle_deg,
            source_size=(width_px, height_px),
            target_size=(max(width, 1), max(height, 1)),
        )

    @property
    def is_identity(self) -> bool:
        return self.angle_deg == 0.0

    def to_upright_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) of the deskewed page on the upright page; they may lie outside of it.

        >>> Rotation.of(100, 50, 90.0).to_upright_points([[50.0, 0.0]]).round(6) + 0.0
        array([[0., 0.]])
        """
        return _turn(xy, self.target_size, self.source_size, -self.angle_deg)

    def to_deskewed_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) of the upright page on the deskewed page, always inside of it."""
        return _turn(xy, self.source_size, self.target_size, self.angle_deg)

    def box_to_upright(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """The smallest upright box around a box of the deskewed page, clipped to the page.

        It never becomes empty: a box in the padding gives the nearest pixel of the page. Long boxes
        of a strongly skewed page grow much higher; a line is better made from its characters.

        >>> Rotation.of(100, 50, 90.0).box_to_upright(40, 0, 50, 20)
        Box(x0_px=0, y0_px=0, x1_px=20, y1_px=10)
        """
        return self.boxes_to_upright([(x0, y0, x1, y1)])[0]

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """The same for many boxes (N, 4) of x0, y0, x1, y1, in one go."""
        edges = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        corners = self.to_upright_points(edges[:, [0, 1, 2, 1, 2, 3, 0, 3]]).reshape(-1, 4, 2)
        # Rounding noise of the sine must not push a straight box to the next pixel.
        first = np.floor(corners.min(axis=1) + 1e-6)
        last = np.ceil(corners.max(axis=1) - 1e-6)
        first = np.clip(first, 0, np.array(self.source_size) - 1)
        last = np.minimum(np.maximum(last, first + 1), self.source_size)
        return [
            Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
            for x0, y0, x1, y1 in np.hstack([first, last]).astype(int).tolist()
        ]

    def pixel_matrix(self) -> npt.NDArray[np.float64]:
        """(2, 3) affine from upright to deskewed pixel indices, for `cv2.warpAffine`."""
        cos, sin = _cos(self.angle_deg), _sin(self.angle_deg)
        linear = np.array([[cos, -sin], [sin, cos]])
        # OpenCV puts integers at pixel centres, we put them at pixel edges.
        source = (np.array(self.source_size) - 1) / 2
        target = (np.array(self.target_size) - 1) / 2
        return np.column_stack([linear, target - linear @ source])


def _turn(
    xy: npt.ArrayLike, source: tuple[int, int], target: tuple[int, int], angle_deg: float
) -> Points:
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2) - np.array(source) / 2
    cos, sin = _cos(angle_deg), _sin(angle_deg)
    turned: Points = points @ np.array([[cos, sin], [-sin, cos]]) + np.array(target) / 2
    return turned


def _cos(angle_deg: float) -> float:
    return math.cos(math.radians(angle_deg))


def _sin(angle_deg: float) -> float:
    return math.sin(math.radians(angle_deg))
