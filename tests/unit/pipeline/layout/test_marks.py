"""Full stops, commas and accents go to the line that they were set with."""

from __future__ import annotations

import numpy as np

from pipeline.layout.components import Components, find_components
from pipeline.layout.marks import add_marks
from pipeline.layout.row import Row, make_row

HEIGHT = 20
#: Upper edge, left edge and letters of two rows of capitals that are set close.
SHORT, LONG = (40, 60, 8), (68, 20, 14)


def rows_with(*marks: tuple[int, int, int, int]) -> tuple[Components, list[Row]]:
    """A short row above a long one that take in these marks (x, y, width, height)."""
    ink = np.zeros((140, 500), np.bool_)
    for y, x, count in (SHORT, LONG):
        for k in range(count):
            ink[y : y + HEIGHT, x + 22 * k : x + 22 * k + 12] = True
    for x, y, width, height in marks:
        ink[y : y + height, x : x + width] = True
    found = find_components(ink)
    letters = found.height == HEIGHT
    rows = [
        make_row(found, np.flatnonzero(letters & (found.y0 == y)), 0.0) for y, _, _ in (SHORT, LONG)
    ]
    return found, add_marks(found, rows, np.flatnonzero(~letters))


def members(*marks: tuple[int, int, int, int]) -> list[int]:
    """How many pieces each of the two rows has."""
    return [len(row.members) for row in rows_with(*marks)[1]]


def test_a_full_stop_at_the_end_of_a_short_line_is_no_accent_of_the_next() -> None:
    end = 60 + 22 * 7 + 12
    assert members((end + 14, 57, 3, 3)) == [9, 14]


def test_a_comma_at_the_end_of_a_short_line_is_no_accent_of_the_next() -> None:
    end = 60 + 22 * 7 + 12
    assert members((end + 12, 57, 4, 7)) == [9, 14]


def test_an_opening_quote_before_a_short_line_stays_with_it() -> None:
    found, rows = rows_with((44, 40, 4, 7))
    assert [len(row.members) for row in rows] == [9, 14]
    assert rows[0].x0 == 44
    assert found.x0[rows[0].members[0]] == 44


def test_an_accent_of_the_lower_line_stays_with_it_beside_a_shorter_one() -> None:
    end = 60 + 22 * 7 + 12
    assert members((end + 14, 63, 5, 4)) == [8, 15]


def test_dust_far_from_a_line_belongs_to_none() -> None:
    assert members((440, 57, 3, 3), (60, 10, 3, 3)) == [8, 14]
