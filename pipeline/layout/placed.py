"""Where something is on the page that lines are cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ocrq.types import Box
from pipeline.layout.components import Components
from pipeline.layout.row import Row
from pipeline.rotation import PageMapping

_MENDED: Final = 4  # times: a turn by 3 degrees is met within a pixel


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a row or a block is: a box in pixels of the deskewed page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of_row(cls, row: Row) -> Placed:
        top, bottom = row.band_at((row.x0 + row.x1) / 2)
        return cls(x0=row.x0, y0=top, x1=row.x1, y1=max(bottom, top + 1))

    @classmethod
    def of_component(cls, found: Components, k: int) -> Placed:
        return cls(
            x0=float(found.x0[k]),
            y0=float(found.y0[k]),
            x1=float(found.x1[k]),
            y1=float(found.y1[k]),
        )

    @classmethod
    def around(cls, places: Sequence[Placed]) -> Placed:
        return cls(
            x0=min(p.x0 for p in places),
            y0=min(p.y0 for p in places),
            x1=max(p.x1 for p in places),
            y1=max(p.y1 for p in places),
        )

    @classmethod
    def from_upright(cls, boxes: Sequence[Box], mapping: PageMapping, scale: int) -> list[Placed]:
        """Boxes of the upright page on the page that lines are cut from.

        That page is nearly the upright one, `scale` times as large, so that where a point is on it
        is found by going back from a guess and mending the guess by what was missed.

        Args:
            boxes: of the upright page.
            mapping: from that page.
            scale: as said.
        """
        corners = [(x, y) for b in boxes for x, y in ((b.x0_px, b.y0_px), (b.x1_px, b.y1_px))]
        wanted = np.array(corners, np.float64).reshape(-1, 2)
        points = scale * wanted
        for _ in range(_MENDED):
            points += scale * (wanted - mapping.to_upright_points(points))
        ends = points.reshape(-1, 4).tolist()
        return [cls(x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in ends]

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def overlaps_x(self, other: Placed) -> bool:
        return min(self.x1, other.x1) > max(self.x0, other.x0)
