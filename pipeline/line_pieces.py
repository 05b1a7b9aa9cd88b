"""Rows in pieces that can be read: parted at wide gaps, and where too long for a picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.fused_letters import is_bridged
from pipeline.layout.components import Components
from pipeline.layout.led_rows import are_led
from pipeline.layout.row import Row, make_row

_PIECE_GAP: Final = 2.0  # white between pieces of a row that are read apart, in row heights
_DOT_GAP: Final = 5.0  # the same before the dot of a leader
_LONGEST: Final = 54.0  # heights of a line that its picture has room for: 64 with some air
_LEAST_SPACE: Final = 0.4  # between words, in row heights
_OWN_BAND: Final = 2  # letters from which a piece shows where it stands


def split_row(found: Components, row: Row) -> list[Row]:
    """The pieces in which a row is read, from left to right; its initial is the first."""
    parts = [part for piece in split_at_gaps(found, row) for part in split_long(found, piece)]
    return parts if row.initial is None else [row.initial, *parts]


def split_at_gaps(found: Components, row: Row) -> list[Row]:
    """The pieces of a row between gaps too wide for words, from left to right.

    What stands far apart on one row, as the columns of a table do, is seldom set alike: each piece
    is measured, levelled and scaled by itself.
    """
    members = row.members
    reach = np.maximum.accumulate(found.x1[members])
    gaps = found.x0[members][1:] - reach[:-1]
    # The dots of a leader are read with what they lead on from, or they may be any sign.
    most = np.where(are_led(found, members, row.height)[1:], _DOT_GAP, _PIECE_GAP)
    wide = np.flatnonzero(gaps > most * row.height)
    between = [(int(reach[k]), int(found.x0[members[k + 1]])) for k in wide.tolist()]
    is_open = [not is_bridged(found, row, x0, x1, _PIECE_GAP) for x0, x1 in between]
    pieces = np.split(members, wide[is_open] + 1)
    return [row] if len(pieces) == 1 else [_piece(found, row, p) for p in pieces]


def split_long(found: Components, row: Row) -> list[Row]:
    """Parts of a row that is too long for a line picture, cut at its widest gaps between words.

    The picture of a longer line is squeezed, and its letters with it. A row without a gap near
    where it should be cut stays whole.
    """
    members = row.members
    slope = row.slope * (found.x0[members] + found.x1[members]) / 2
    height = float((found.y1[members] - slope).max() - (found.y0[members] - slope).min())
    parts = math.ceil((row.x1 - row.x0) / (_LONGEST * max(height, 1.0)))
    if parts < 2:
        return [row]
    reach = np.maximum.accumulate(found.x1[members])[:-1]
    gaps, middle = found.x0[members][1:] - reach, (found.x0[members][1:] + reach) / 2
    cuts = []
    for k in range(1, parts):
        wanted = row.x0 + (row.x1 - row.x0) * k / parts
        near = np.flatnonzero(np.abs(middle - wanted) <= 0.2 * (row.x1 - row.x0) / parts)
        best = near[np.argmax(gaps[near])] if len(near) else 0
        if len(near) and gaps[best] >= _LEAST_SPACE * row.height:
            cuts.append(int(best) + 1)
    return [_piece(found, row, part) for part in np.split(members, cuts)] if cuts else [row]


def _piece(found: Components, row: Row, members: npt.NDArray[np.intp]) -> Row:
    """A part of a row; it has a band of its own if it has letters enough to show it."""
    x0, x1 = int(found.x0[members].min()), int(found.x1[members].max())
    letters = members[found.y1[members] - found.y0[members] >= 0.6 * row.height]
    if len(letters) < _OWN_BAND:
        return replace(row, members=members, x0=x0, x1=x1)
    return replace(make_row(found, letters, row.slope), members=members, x0=x0, x1=x1)
