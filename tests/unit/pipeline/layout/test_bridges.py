"""An underline that touches two lines makes no row of its own with the letter beside it."""

from __future__ import annotations

import numpy as np

from pipeline.layout.bridges import part_bridges
from pipeline.layout.components import find_components
from pipeline.layout.row import make_row


def test_a_piece_of_two_lines_is_parted_from_the_letter_beside_it() -> None:
    ink = np.zeros((120, 700), np.bool_)
    for y in (40, 64):
        for x in range(40, 640, 24):
            ink[y : y + 16, x : x + 14] = True
    # Ink of both lines, and the letter right of it.
    ink[56:64, 328:342] = True
    found = find_components(ink)
    heights = found.y1 - found.y0
    (bridge,) = np.flatnonzero(heights > 30)
    beside = np.flatnonzero((found.x0 == 352) & (found.y0 == 64))
    upper = np.flatnonzero((found.y0 == 40) & (heights < 30))
    lower = np.setdiff1d(np.flatnonzero(found.y0 == 64), beside)
    rows = [
        make_row(found, members, 0.0)
        for members in (upper, lower, np.array([bridge, int(beside[0])]))
    ]

    parted = part_bridges(found, rows)

    assert [row.members.tolist() for row in parted[:2]] == [upper.tolist(), lower.tolist()]
    assert sorted(row.members.tolist() for row in parted[2:]) == sorted([[bridge], list(beside)])


def test_a_row_of_large_type_stays() -> None:
    ink = np.zeros((160, 700), np.bool_)
    for x in range(40, 640, 24):
        ink[100:116, x : x + 14] = True
    for x in (40, 100, 160):
        ink[30:70, x : x + 40] = True
    found = find_components(ink)
    large, small = np.flatnonzero(found.y0 == 30), np.flatnonzero(found.y0 == 100)
    rows = [make_row(found, members, 0.0) for members in (large, small)]
    assert part_bridges(found, rows) == rows
