"""Pieces of one line become one row; rows end at gutters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components
from pipeline.layout.gutters import Gutter
from pipeline.layout.row import Row, make_row

Indices = npt.NDArray[np.intp]

#: Commas in a row: their height at most, in row heights, and how much of it is above the baseline.
_COMMA = (0.8, 0.3)
_LEAST_WHITE = 0.4  # of a gutter, in letter heights; it may be a little crooked


def join_near(found: Components, rows: list[Row], gutters: Sequence[Gutter] = ()) -> list[Row]:
    """Join splinters and pieces of one line that are at most a few letters apart."""
    rows = _join(found, rows, gutters, _is_splinter, 1.0)
    return _join(found, rows, gutters, _is_near, 2.5)


def join_far(found: Components, rows: list[Row], gutters: Sequence[Gutter]) -> list[Row]:
    """Join pieces of one line across wide gaps; those near each other are joined already.

    Rows are read across every gap that is no gutter, so the amount at the right of a receipt is in
    the line of its article.
    """
    return _join(found, rows, gutters, _is_level, np.inf)


def join_quotes(found: Components, rows: list[Row], gutters: Sequence[Gutter]) -> list[Row]:
    """Join quotes that stand behind a full stop; rows have their marks and keep their bands."""
    return _join(found, rows, gutters, _is_splinter, 1.0, keeps_band=True)


def _is_splinter(small: Row, large: Row) -> float:
    """A comma, an apostrophe or the loop of a g beside or inside of a longer row."""
    if len(large.members) <= len(small.members):
        return 0.0
    if len(small.members) > 3:
        return _commas(small, large)
    if _gap(small, large) > 0.8 * large.height or small.height > 1.6 * large.height:
        return 0.0
    middle = (small.x0 + small.x1) / 2
    top, bottom = large.band_at(middle)
    small_top, small_bottom = small.band_at(middle)
    centre = (small_top + small_bottom) / 2
    out = max(top - centre, centre - bottom, 0.0) / large.height
    # A splinter that is as high as the row itself and stands apart is a line of its own.
    reach = 0.55 if small.height < 0.7 * large.height else 0.25
    return 1.0 - out if out <= reach else 0.0


def _commas(small: Row, large: Row) -> float:
    """The same of many: commas half as high as a letter, and figures that hang as low, in a row."""
    if not large.x0 <= small.x0 <= small.x1 <= large.x1 + 2.5 * large.height:
        return 0.0
    middle = (small.x0 + small.x1) / 2
    (top, bottom), (small_top, _) = large.band_at(middle), small.band_at(middle)
    is_low = small.height <= _COMMA[0] * large.height and small_top >= (top + bottom) / 2
    share = (bottom - small_top) / small.height
    return share if is_low and share >= _COMMA[1] else 0.0


def _is_near(small: Row, large: Row) -> float:
    return _level(small, large) if _gap(small, large) <= 2.5 * large.height else 0.0


def _is_level(small: Row, large: Row) -> float:
    """Across any gap; a single letter far away is only taken in if it stands on the baseline."""
    share = _level(small, large)
    if share and len(small.members) == 1 and _gap(small, large) > 2.5 * large.height:
        middle = (small.x0 + small.x1) / 2
        off = abs(small.band_at(middle)[1] - large.band_at(middle)[1])
        if off > 0.2 * large.height or not 0.7 <= small.height / large.height <= 1.6:
            return 0.0
    return share


def _level(a: Row, b: Row) -> float:
    """How far the bands of two rows are the same, where they meet: 0, or more than 0.55."""
    x = (max(a.x0, b.x0) + min(a.x1, b.x1)) / 2
    (a_top, a_bottom), (b_top, b_bottom) = a.band_at(x), b.band_at(x)
    low, high = sorted((a.height, b.height))
    if low <= 0 or high > 2.2 * low:
        return 0.0
    share = (min(a_bottom, b_bottom) - max(a_top, b_top)) / low
    return share if share > 0.55 else 0.0


def _gap(a: Row, b: Row) -> int:
    """White between two rows in pixels, negative when they overlap."""
    return max(a.x0, b.x0) - min(a.x1, b.x1)


def _join(
    found: Components,
    rows: list[Row],
    gutters: Sequence[Gutter],
    fit: Callable[[Row, Row], float],
    farthest: float,
    *,
    keeps_band: bool = False,
) -> list[Row]:
    """Give every row, from the shortest, to the longer row that fits best; 0 fits nowhere.

    Rows more than `farthest` heights apart are not asked.
    """
    rows = sorted(rows, key=lambda r: len(r.members))
    centre = np.array([_centre(r) for r in rows])
    reach = np.array([1.5 * r.height for r in rows])
    x0, x1 = np.array([(r.x0, r.x1) for r in rows]).reshape(-1, 2).T
    near = _are_near((centre, reach, x0, x1), slice(None), farthest)
    for k, row in enumerate(rows):
        best, best_fit = -1, 0.0
        for other in (np.flatnonzero(near[k, k + 1 :]) + k + 1).tolist():
            quality = fit(row, rows[other])
            if quality > best_fit and not apart(row, rows[other], gutters):
                best, best_fit = other, quality
        if best < 0:
            continue
        members = np.concatenate([row.members, rows[best].members])
        band = rows[best]
        rows[best] = make_row(found, members, band.slope)
        if keeps_band:
            rows[best] = replace(rows[best], top=band.top, bottom=band.bottom, slope=band.slope)
        centre[best], reach[best] = _centre(rows[best]), 1.5 * rows[best].height
        x0[best], x1[best] = rows[best].x0, rows[best].x1
        changed = slice(best, best + 1)
        near[:, changed] = _are_near((centre, reach, x0, x1), changed, farthest)
        rows[k] = replace(row, members=members[:0])
    return [r for r in rows if len(r.members)]


def _are_near(
    places: tuple[npt.NDArray[Any], ...], others: slice, farthest: float
) -> npt.NDArray[np.bool_]:
    """(N, M): whether rows may be one with the others.

    Args:
        places: (N,) middles and reaches, upright; left and right ends.
        others: M of the rows.
        farthest: white between them, in reaches.
    """
    centre, reach, x0, x1 = places
    most = np.maximum.outer(reach, reach[others])
    gap = np.maximum.outer(x0, x0[others]) - np.minimum.outer(x1, x1[others])
    off = np.abs(np.subtract.outer(centre, centre[others]))
    near: npt.NDArray[np.bool_] = (off <= most + 4.0) & (gap <= farthest * most)
    return near


def _centre(row: Row) -> float:
    return sum(row.band_at((row.x0 + row.x1) / 2)) / 2


def apart(a: Row, b: Row, gutters: Sequence[Gutter]) -> bool:
    """Whether a gutter is between two rows."""
    left, right = (a, b) if a.x0 < b.x0 else (b, a)
    middle = _centre(a)
    return any(
        left.x1 <= g.x_px + left.height
        and right.x0 >= g.x_px - left.height
        and (left.x0 + left.x1) / 2 < g.x_px < (right.x0 + right.x1) / 2
        and g.y0_px <= middle <= g.y1_px
        for g in gutters
    )


def split_at_gutters(
    found: Components, chains: Sequence[Indices], gutters: Sequence[Gutter]
) -> list[Indices]:
    """Cut chains that run over a gutter because it is as narrow as a word gap.

    A number below two columns has letters on both sides of their gutter, and no white there.
    """
    pieces = list(chains)
    for gutter in gutters:
        cut: list[Indices] = []
        for chain in pieces:
            x = (found.x0[chain] + found.x1[chain]) / 2
            y = float(np.median(found.y1[chain]))
            right = x > gutter.x_px
            if gutter.y0_px <= y <= gutter.y1_px and right.any() and not right.all():
                white = found.x0[chain[right]].min() - found.x1[chain[~right]].max()
                if white >= _LEAST_WHITE * float(np.median(found.height[chain])):
                    cut += [chain[~right], chain[right]]
                    continue
            cut.append(chain)
        pieces = cut
    return pieces
