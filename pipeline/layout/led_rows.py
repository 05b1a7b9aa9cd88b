"""Leaders in the lines of an index: from the entry over the dots to what they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components
from pipeline.layout.gutters import Gutter
from pipeline.layout.leaders import LEAST_DOTS, LEVEL, UNLIKE
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row, make_row
from pipeline.layout.rows import apart

Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

_DOT_OF_ROW: Final = 0.7  # its longer side at most, in heights of its row
_BASELINE: Final = 0.4  # a leader stands so near to the baseline of its row, in row heights
_LEADS: Final = 10.0  # and so near to its letters, in letter heights
_DITTO: Final = 1.6  # white in what it leads to, "No. 4" or a ditto mark and a number
_LEAST_ROW: Final = 0.6  # a row is so high, in letter heights; a ditto mark is none


def places_of(
    found: Components, leaders: Sequence[Indices], body: Indices, text_height_px: float
) -> list[Placed]:
    """What each leader fills of its line, as letters would: from the entry to what it leads to."""
    boxes = []
    for leader in leaders:
        reach_px = _LEADS * text_height_px
        x0, x1 = int(found.x0[leader[0]]), int(found.x1[leader[-1]])
        foot = int(np.median(found.y1[leader]))
        top = foot - text_height_px
        level = body[(found.y0[body] < foot) & (found.y1[body] > top)]
        left, right = found.x1[level], found.x0[level]
        before = left[(left <= x0) & (left > x0 - reach_px)]
        x0 = int(before.max()) if len(before) else x0
        for k in level[np.argsort(right, kind="stable")].tolist():
            if found.x0[k] >= x1 and found.x0[k] <= x1 + reach_px:
                x1, reach_px = int(found.x1[k]), _DITTO * text_height_px
        boxes.append(Placed(x0=float(x0), y0=top, x1=float(x1), y1=float(foot)))
    return boxes


def add_leaders(
    found: Components, rows: Sequence[Row], leaders: Sequence[Indices], gutters: Sequence[Gutter],
    text_height_px: float,
) -> list[Row]:  # fmt: skip
    """Each leader in the row that it continues, together with what it leads to.

    One that is on no row leads nowhere: it is a rule, or of a drawing.
    """
    grown = list(rows)
    for leader in leaders:
        dots = make_row(found, leader, 0.0)
        near = [k for k, row in enumerate(grown) if _is_of(found, leader, row, text_height_px)]
        near = [k for k in near if not apart(dots, grown[k], gutters)]
        left = [k for k in near if grown[k].x0 < dots.x0]
        right = [
            k
            for k in near
            if grown[k].x0 >= dots.x0 and grown[k].height >= _LEAST_ROW * text_height_px
        ]
        ends = [max(left, key=lambda k: grown[k].x1)] if left else []
        if right:
            nearest = min(right, key=lambda k: grown[k].x0)
            if not ends or not apart(grown[ends[0]], grown[nearest], gutters):
                ends.append(nearest)
        if not ends:
            continue
        grown[ends[0]] = _together(found, [grown[k] for k in ends], leader)
        if len(ends) > 1:
            del grown[ends[1]]
    return grown


def are_led(found: Components, members: Indices, row_height_px: float) -> Flags:
    """Which components of a row, from left to right, are of three or more dots of one size."""
    side = np.maximum(found.width[members], found.height[members])
    foot = found.y1[members]
    small = side <= _DOT_OF_ROW * row_height_px
    pairs = small[1:] & small[:-1] & (np.abs(np.diff(foot)) <= LEVEL * row_height_px)
    pairs &= np.maximum(side[1:], side[:-1]) <= UNLIKE * np.minimum(side[1:], side[:-1])
    led = np.zeros(len(members), np.bool_)
    for k in np.flatnonzero(pairs[1:] & pairs[:-1]).tolist():
        led[k : k + LEAST_DOTS] = True
    return led


def _is_of(found: Components, leader: Indices, row: Row, text_height_px: float) -> bool:
    end = leader[0] if row.x0 < found.x0[leader[0]] else leader[-1]
    x = min(max(float(found.x0[end]), row.x0), row.x1)
    gap = max(float(found.x0[leader[0]]) - row.x1, row.x0 - float(found.x1[leader[-1]]))
    off = abs(row.band_at(x)[1] - float(found.y1[end]))
    return gap <= _LEADS * text_height_px and off <= _BASELINE * row.height


def _together(found: Components, rows: Sequence[Row], leader: Indices) -> Row:
    """One row; its band is that of its letters, for dots have none."""
    row = rows[0]
    if len(rows) > 1:
        row = make_row(found, np.concatenate([part.members for part in rows]), row.slope)
    members = np.concatenate([row.members, leader])
    members = members[np.argsort(found.x0[members], kind="stable")]
    x0, x1 = int(found.x0[members].min()), int(found.x1[members].max())
    return replace(row, members=members, x0=x0, x1=x1)
