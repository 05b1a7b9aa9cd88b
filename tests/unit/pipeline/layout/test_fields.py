"""A printed label and the larger writing beside it are one row; a drop capital joins none."""

from __future__ import annotations

import numpy as np

from pipeline.layout.components import Components, find_components
from pipeline.layout.fields import join_fields
from pipeline.layout.gutters import Gutter
from pipeline.layout.row import Row, make_row

LABEL = (60, 12, 20, 8)  # y, letter height, x, letters
VALUE = (42, 34, 300, 6)


def rows_of(*sets: tuple[int, int, int, int]) -> tuple[Components, list[Row]]:
    """Rows of letters that are half as wide as high, see `LABEL`."""
    ink = np.zeros((200, 900), np.bool_)
    for y, height, x, count in sets:
        for k in range(count):
            left = x + k * height
            ink[y : y + height, left : left + height // 2] = True
    found = find_components(ink)
    rows = []
    for y, height, x, count in sets:
        inside = (found.y0 == y) & (found.x0 >= x) & (found.x0 < x + count * height)
        rows.append(make_row(found, np.flatnonzero(inside), 0.0))
    return found, rows


def joined(*sets: tuple[int, int, int, int], gutters: tuple[Gutter, ...] = ()) -> list[int]:
    """Letters of the rows that are left."""
    found, rows = rows_of(*sets)
    return [len(row.members) for row in join_fields(found, rows, gutters)]


def test_label_and_writing_are_one_row() -> None:
    assert joined(LABEL, VALUE) == [14]
    assert joined(LABEL, VALUE, (150, 12, 20, 9)) == [14, 9]


def test_two_small_lines_beside_a_large_one_stay_apart() -> None:
    assert joined(LABEL, VALUE, (40, 12, 20, 5)) == [8, 6, 5]


def test_writing_that_is_too_near_or_too_high_or_not_level_is_another_row() -> None:
    drop_capital = (42, 34, 20, 2)
    assert joined(drop_capital, (60, 12, 88, 8)) == [2, 8]
    assert joined(LABEL, (42, 50, 300, 6)) == [8, 6]
    assert joined(LABEL, (72, 34, 300, 6)) == [8, 6]


def test_a_gutter_parts_them() -> None:
    gutter = Gutter(x_px=250, y0_px=0, y1_px=200)
    assert joined(LABEL, VALUE, gutters=(gutter,)) == [8, 6]
