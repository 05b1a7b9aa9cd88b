"""A row of letters: the band that they stand in, and its slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components

Indices = npt.NDArray[np.intp]

#: Rows beyond this are noise; the longest are kept. A page of small print has about 200, one of
#: figures in eighteen columns 1,600 before its cells are joined.
MAX_ROWS: Final = 3000
_LONG = 10  # letters from which the slope of a row can be told
_STEEPEST = 0.06
_SHORT = 4  # letters up to which two quotes outweigh the letter that they open
_STANDING = 0.65  # of the tallest letter of a short row: the height of what shows its band


@dataclass(slots=True, eq=False)
class Row:
    """Letters of one line (or of a piece of it) and the straight band they stand in."""

    members: Indices
    x0: int
    x1: int
    top: float  # band at x = 0, px; slope px per px
    bottom: float
    slope: float
    initial: Row | None = None  # a letter of several rows that begins the first word

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def band_at(self, x: float) -> tuple[float, float]:
        return self.top + self.slope * x, self.bottom + self.slope * x


def make_rows(found: Components, chains: Sequence[Indices]) -> list[Row]:
    """A row for each chain; short chains take the slope of the page, the median of long ones."""
    chains = sorted(chains, key=len, reverse=True)[:MAX_ROWS]
    slopes = [_slope(found, c) for c in chains if len(c) >= _LONG]  # chains go from long to short
    page_slope = float(np.median(slopes)) if slopes else 0.0
    short = [page_slope] * (len(chains) - len(slopes))
    return [
        _row_along(found, c[np.argsort(found.x0[c], kind="stable")], slope)
        for c, slope in zip(chains, slopes + short, strict=True)
    ]


def with_gains(found: Components, row: Row, gains: Sequence[int]) -> Row:
    """The row with more components in it; its band stays."""
    if not gains:
        return row
    members = np.concatenate([row.members, np.array(gains, np.intp)])
    members = members[np.argsort(found.x0[members], kind="stable")]
    x0, x1 = int(found.x0[members].min()), int(found.x1[members].max())
    return replace(row, members=members, x0=x0, x1=x1)


def make_row(found: Components, members: Indices, page_slope: float) -> Row:
    """The row of these components; a short one takes the slope of the page."""
    members = members[np.argsort(found.x0[members], kind="stable")]
    slope = _slope(found, members) if len(members) >= _LONG else page_slope
    return _row_along(found, members, slope)


def _row_along(found: Components, members: Indices, slope: float) -> Row:
    """The row of these components, from left to right, with this slope."""
    standing = members
    if len(members) <= _SHORT:
        height = found.height[members]
        standing = members[height >= _STANDING * height.max()]
    centre = (found.x0[standing] + found.x1[standing]) / 2
    return Row(
        members=members,
        x0=int(found.x0[members].min()),
        x1=int(found.x1[members].max()),
        top=median(found.y0[standing] - slope * centre),
        bottom=median(found.y1[standing] - slope * centre),
        slope=slope,
    )


def _slope(found: Components, members: Indices) -> float:
    """Slope of the lower edges, twice trimmed so that descenders and commas don't count."""
    x = (found.x0[members] + found.x1[members]) / 2.0
    y = found.y1[members].astype(np.float64)
    spread = max(2.0, 0.25 * median(y - found.y0[members]))
    slope = 0.0
    for _ in range(3):
        rest = y - slope * x
        keep = np.abs(rest - median(rest)) <= spread
        kept_x, kept_y = x[keep], y[keep]
        if len(kept_x) < 4 or kept_x.max() - kept_x.min() < 4 * spread:
            return slope
        off = kept_x - kept_x.sum() / len(kept_x)
        # The line of least squares; of letters that all stand on one pixel it is level, exactly.
        steep = float(off @ (kept_y - kept_y[0])) / float(off @ off)
        slope = min(max(steep, -_STEEPEST), _STEEPEST)
    return slope


def median(values: npt.NDArray[Any]) -> float:
    """Of one or more values (N,); `numpy.median` takes five times as long for a few of them.

    >>> median(np.array([5, 1, 2])), median(np.array([5, 1, 2, 3]))
    (2.0, 2.5)
    """
    ordered = np.sort(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return (float(ordered[middle - 1]) + float(ordered[middle])) / 2
