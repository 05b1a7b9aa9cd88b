"""Numbers between two columns go with the lines that they belong to."""

from __future__ import annotations

import pytest

from tests.drawing import make_page
from tests.unit.pipeline.layout.test_gutters import DPI, Gray, column, page_of, rows_of

LINES = 24


def numbers(size_pt: float = 12.0) -> Gray:
    return make_page(
        [str(k) for k in range(40, 40 + LINES)],
        dpi=DPI,
        size_pt=size_pt,
        size_in=(0.5, 6.0),
        margin_in=0.1,
    )


@pytest.mark.parametrize("white_px", [50, 60])
def test_numbers_of_lines_stand_with_the_nearer_column(white_px: int) -> None:
    left, right = column(0, 40, LINES), column(9, 40, LINES)
    at = left.shape[1]
    text_at = at + 36 + white_px

    rows = rows_of(page_of((20, left), (at, numbers()), (text_at, right), width_px=text_at + 580))

    assert len(rows) == 2 * LINES
    assert all(x1 < at for _, x1 in rows[:LINES])
    assert all(at < x0 < text_at and x1 > text_at + 100 for x0, x1 in rows[LINES:])


def test_numbers_of_pages_stand_with_the_titles_that_they_are_level_with() -> None:
    titles = column(0, 30, LINES)
    text = make_page(
        ["the lines of this column stand"] * 29,
        dpi=DPI,
        size_pt=10.0,
        size_in=(3.2, 6.0),
        margin_in=0.1,
    )
    at = titles.shape[1] + 30

    rows = rows_of(page_of((20, titles), (at, numbers()), (at + 90, text), width_px=at + 600))

    assert len(rows) == LINES + 29
    assert all(at < x1 < at + 90 for _, x1 in rows[:LINES])
