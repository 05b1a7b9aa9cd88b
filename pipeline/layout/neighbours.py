"""The strip of another page that a scan shows at its left or right edge.

A book lies open on the glass: beside the page that is scanned there are the ends of its neighbour's
lines, cut off by the edge of the scan. They are no text of this page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags, Floats
from pipeline.layout.gutters import Gutter
from pipeline.layout.row import Row
from pipeline.rotation import PageMapping

Indices = npt.NDArray[np.intp]

_AT_EDGE: Final = 1.2  # letter heights to the edge of the scan; a halved letter may be missing
_LEAST_CUT: Final = 5  # lines that the edge cuts off
_WIDEST: Final = 0.3  # of the page
_MOST_CUT: Final = 0.6  # of the lines of a strip are cut off
_WHITE: Final = 1.5  # letter heights between the strip and the page's text, at least
_LONG: Final = 15.0  # letter heights: width of a line of the page's own running text
_FULL: Final = 0.7  # of the longest lines' width has a full line
_MOST_FULL: Final = 0.5  # of the lines beside a strip are long and full
_BESIDE: Final = 0.5  # of the height of the page's text is beside the strip


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Text beyond `gutter` is another page's."""

    gutter: Gutter
    side: Literal["left", "right"]

    def holds(self, row: Row) -> bool:
        """Whether a row is in the strip."""
        middle = sum(row.band_at((row.x0 + row.x1) / 2)) / 2
        if not self.gutter.y0_px <= middle <= self.gutter.y1_px:
            return False
        return row.x1 <= self.gutter.x_px if self.side == "left" else row.x0 >= self.gutter.x_px


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lines:
    """Boxes of chains, mirrored where the strip is sought at the left: it is at the right then."""

    x0: Floats
    x1: Floats
    y0: Floats
    y1: Floats
    is_cut: Flags  # by the right edge of the scan


def find_strips(
    found: Components, chains: Sequence[Indices], text_height_px: float, mapping: PageMapping | None
) -> tuple[Strip, ...]:
    """The strips at the left and right edge of a page, if there are any.

    Args:
        found: the components of the page.
        chains: letters beside each other.
        text_height_px: of a typical letter.
        mapping: from the upright scan, whose edges cut lines off; None: the page is the scan.
    """
    if len(chains) < 2 * _LEAST_CUT:
        return ()
    members = np.concatenate(chains)
    starts = np.cumsum([0, *map(len, chains[:-1])])
    x0, y0 = (np.minimum.reduceat(v[members], starts).astype(float) for v in (found.x0, found.y0))
    x1, y1 = (np.maximum.reduceat(v[members], starts).astype(float) for v in (found.x1, found.y1))
    width = float(found.labels.shape[1])
    out = _AT_EDGE * text_height_px
    left_cut, right_cut = (
        _is_outside(np.column_stack([x, (y0 + y1) / 2]), width, mapping)
        for x in (x0 - out, x1 + out)
    )
    right = _find(_Lines(x0=x0, x1=x1, y0=y0, y1=y1, is_cut=right_cut), width, text_height_px)
    left = _find(
        _Lines(x0=width - x1, x1=width - x0, y0=y0, y1=y1, is_cut=left_cut), width, text_height_px
    )
    strips = []
    if left is not None:
        strips.append(Strip(gutter=replace(left, x_px=width - left.x_px), side="left"))
    if right is not None:
        strips.append(Strip(gutter=right, side="right"))
    return tuple(strips)


def _is_outside(points: Floats, width: float, mapping: PageMapping | None) -> Flags:
    x = points[:, 0]
    if mapping is not None:
        x = mapping.to_upright_points(points)[:, 0]
        width = mapping.source_size[0]
    outside: Flags = (x <= 0) | (x >= width)
    return outside


def _find(lines: _Lines, width: float, text_height_px: float) -> Gutter | None:
    """The gutter left of a strip at the right edge."""
    t = text_height_px
    cut = lines.is_cut & (lines.x0 >= (1 - _WIDEST) * width)
    if cut.sum() < _LEAST_CUT:
        return None
    start = float(np.percentile(lines.x0[cut], 5))
    x = start - 0.5 * t
    y0, y1 = float(lines.y0[cut].min()), float(lines.y1[cut].max())
    level = (lines.y1 > y0) & (lines.y0 < y1)
    strip = level & (lines.x0 >= x)
    across = (lines.x0 < x) & (lines.x1 > x) & (lines.x1 - lines.x0 >= 2 * t)
    if (across & level).any() or cut.sum() < _MOST_CUT * strip.sum():
        return None
    own = (lines.x1 <= x) & (lines.x1 - lines.x0 >= _LONG * t)
    beside = own & level
    if beside.sum() < _LEAST_CUT or y1 - y0 < _BESIDE * np.ptp(lines.y0[own]):
        return None
    length = (lines.x1 - lines.x0)[beside]
    is_full = length >= _FULL * np.percentile(length, 90)
    white = start - np.percentile(lines.x1[beside], 95)
    if is_full.mean() < _MOST_FULL or white < _WHITE * t:
        return None
    above, below = lines.y1[across & (lines.y1 <= y0)], lines.y0[across & (lines.y0 >= y1)]
    return Gutter(
        x_px=x, y0_px=float(above.max(initial=0.0)), y1_px=float(below.min(initial=np.inf))
    )
