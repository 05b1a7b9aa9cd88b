"""The way between the upright page and a copy of it that was scaled or seen from straight above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from ocrq.types import Box
from pipeline.image import GrayImage
from pipeline.rotation import PageMapping, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Homography:
    """A projective map from the upright page to its copy; points as in `pipeline.rotation`."""

    matrix: tuple[float, ...]  # 3 x 3, row by row: upright to copy
    source_size: tuple[int, int]  # (width_px, height_px) of the upright page
    target_size: tuple[int, int]  # of the copy

    @classmethod
    def scaling(cls, width_px: int, height_px: int, factor: int) -> Self:
        """The page enlarged by a whole factor.

        >>> Homography.scaling(30, 20, 2).target_size
        (60, 40)
        """
        return cls(
            matrix=(factor, 0.0, 0.0, 0.0, factor, 0.0, 0.0, 0.0, 1.0),
            source_size=(width_px, height_px),
            target_size=(width_px * factor, height_px * factor),
        )

    @classmethod
    def straightening(
        cls, corners: npt.ArrayLike, source_size: tuple[int, int], target_size: tuple[int, int]
    ) -> Self:
        """The map that makes a quadrilateral, clockwise from the upper left corner, the page."""
        width, height = target_size
        matrix = cv2.getPerspectiveTransform(
            np.asarray(corners, np.float32),
            np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32),
        )
        return cls(
            matrix=tuple(np.asarray(matrix, np.float64).ravel().tolist()),
            source_size=source_size,
            target_size=target_size,
        )

    def apply(self, gray: GrayImage) -> GrayImage:
        """(H', W') uint8: the copy; what lies beyond the page is its edge."""
        enlarges = self.target_size[0] > self.source_size[0]
        method = cv2.INTER_CUBIC if enlarges else cv2.INTER_LINEAR
        if enlarges and self._is_scaling:
            # The same pixels in a tenth of the time.
            return np.asarray(cv2.resize(gray, self.target_size, interpolation=method), np.uint8)
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        # OpenCV puts integers at pixel centres, we put them at pixel edges.
        matrix = np.linalg.inv(half) @ np.reshape(self.matrix, (3, 3)) @ half
        warped = cv2.warpPerspective(
            gray,
            matrix,
            self.target_size,
            flags=method,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(warped, np.uint8)

    @property
    def _is_scaling(self) -> bool:
        """Whether the copy is the whole page, larger by one factor."""
        factor = self.target_size[0] / self.source_size[0]
        is_whole = self.target_size[1] == factor * self.source_size[1]
        return is_whole and self.matrix == (factor, 0.0, 0.0, 0.0, factor, 0.0, 0.0, 0.0, 1.0)

    def to_upright_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) of the copy on the upright page; they may lie outside of it.

        >>> Homography.scaling(30, 20, 2).to_upright_points([[10.0, 4.0]])
        array([[5., 2.]])
        """
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        inverse = np.linalg.inv(np.reshape(self.matrix, (3, 3)))
        moved = np.column_stack([points, np.ones(len(points))]) @ inverse.T
        found: Points = moved[:, :2] / moved[:, 2:]
        return found

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """Boxes (N, 4) of the copy on the upright page, clipped to it, none empty."""
        edges = np.asarray(boxes, np.float64).reshape(-1, 4)
        corners = self.to_upright_points(edges[:, [0, 1, 2, 1, 2, 3, 0, 3]]).reshape(-1, 4, 2)
        first = np.floor(corners.min(axis=1) + 1e-6)
        last = np.ceil(corners.max(axis=1) - 1e-6)
        first = np.clip(first, 0, np.array(self.source_size) - 1)
        last = np.minimum(np.maximum(last, first + 1), self.source_size)
        return [
            Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
            for x0, y0, x1, y1 in np.hstack([first, last]).astype(int).tolist()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Two maps one after the other: `first` from the upright page, `then` from its copy."""

    first: PageMapping
    then: PageMapping

    @property
    def source_size(self) -> tuple[int, int]:
        """Of the upright page."""
        return self.first.source_size

    def to_upright_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) of the last page on the upright page."""
        return self.first.to_upright_points(self.then.to_upright_points(xy))

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """Boxes (N, 4) of the last page on the upright page, clipped to it, none empty."""
        between = self.then.boxes_to_upright(boxes)
        return self.first.boxes_to_upright(
            [(b.x0_px, b.y0_px, b.x1_px, b.y1_px) for b in between] or np.empty((0, 4))
        )


def chained(maps: Sequence[PageMapping], last: PageMapping) -> PageMapping:
    """One mapping for all, the first of the list being nearest to the upright page."""
    for first in reversed(maps):
        last = Chain(first=first, then=last)
    return last
