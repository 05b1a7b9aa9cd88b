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

Ints = npt.NDArray[np.int32]
Indices = npt.NDArray[np.intp]

_NONE: Final[Indices] = np.empty(0, np.intp)

_PIECE_GAP: Final = 2.0  # white between pieces of a row that are read apart, in row heights
_DOT_GAP: Final = 5.0  # the same before the dot of a leader
_LONGEST: Final = 54.0  # heights of a line that its picture has room for: 64 with some air
_LEAST_SPACE: Final = 0.4  # between words, in row heights
#: Of a gap between letters that has room for a line of a table, which runs on above and below.
_LEAST_ROOM: Final = 0.3  # row heights
_LEAST_ROOM_PX: Final = 5
_BEYOND: Final = 0.4  # row heights
_RUNS_ON: Final = 1.8  # row heights on one side at least; a stroke of a pen leans more
_FULL: Final = 0.92  # of a line's height there is ink; it may have holes
_THICKEST: Final = 0.3  # row heights
_OWN_BAND: Final = 2  # letters from which a piece shows where it stands


def split_row(found: Components, row: Row, tall: Indices = _NONE) -> list[Row]:
    """The pieces in which a row is read, from left to right; its initial is the first.

    Args:
        found: the page's components.
        row: of these.
        tall: those that may be lines of a table, between whose cells rows are parted, too.
    """
    pieces = split_at_gaps(found, row, tall)
    parts = [part for piece in pieces for part in split_long(found, piece)]
    return parts if row.initial is None else [row.initial, *parts]


def split_at_gaps(found: Components, row: Row, tall: Indices = _NONE) -> list[Row]:
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
    cuts = wide[is_open]
    if len(tall):
        cuts = np.union1d(cuts, _at_uprights(found, row, gaps, reach, tall))
    pieces = np.split(members, cuts + 1)
    return [row] if len(pieces) == 1 else [_piece(found, row, p) for p in pieces]


def _at_uprights(found: Components, row: Row, gaps: Ints, reach: Ints, tall: Indices) -> Indices:
    """The gaps of a row through which an upright line of a table runs, above and below it, too.

    Args:
        found: the page's components.
        row: of these.
        gaps: (n - 1,) white between its n letters, px.
        reach: (n,) how far to the right each of its letters or one before it reaches.
        tall: components that may be such lines.
    """
    room = np.flatnonzero(gaps >= max(_LEAST_ROOM * row.height, _LEAST_ROOM_PX))
    bands = [row.band_at(x) for x in (row.x0, row.x1)]
    top, bottom = min(top for top, _ in bands), max(bottom for _, bottom in bands)
    near, far = _BEYOND * row.height, _RUNS_ON * row.height
    over = tall[(found.y0[tall] <= top - near + 1) & (found.y1[tall] >= bottom + near - 1)]
    over = over[(found.x0[over] < row.x1) & (found.x1[over] > row.x0)]
    if not len(room) or not len(over):
        return room[:0]
    is_tall = np.zeros(found.highest + 1, np.bool_)
    is_tall[found.label[over]] = True
    y0 = max(0, int(top - far))
    band = found.labels[y0 : int(bottom + far) + 1, row.x0 : row.x1]
    ink = is_tall.take(band, mode="clip")
    # An upright that leans a little goes on in the next column.
    ink[:, :-1] |= ink[:, 1:]
    above, below = ink[: int(bottom + near) + 1 - y0], ink[max(0, int(top - near) - y0) :]
    is_full = np.maximum(above.mean(axis=0), below.mean(axis=0)) >= _FULL
    is_inked = ink[max(0, int(top) - y0) : int(bottom) + 1 - y0].any(axis=0)
    starts = reach[room] - row.x0
    ends = starts + gaps[room]
    lines, inked = (
        runs[ends] - runs[starts]
        for runs in (np.concatenate([[0], np.cumsum(flags)]) for flags in (is_full, is_inked))
    )
    # Letters that a stroke has joined have ink beside it.
    is_line = (lines > 0) & (inked <= max(_THICKEST * row.height, _LEAST_ROOM_PX))
    crossed: Indices = room[is_line]
    return crossed


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
