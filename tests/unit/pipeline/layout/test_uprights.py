"""Sides of a box that are dotted or broken are rules; letters one below the other are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.layout.components import find_components, sort_components
from pipeline.layout.page import find_layout
from pipeline.layout.uprights import set_uprights_apart
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
DPI = 200
LINES = ["GST Summary    30.00", "SR @ 6%    1.80", "Total    31.80"]


def boxed(pieces: list[tuple[int, int]], x: int) -> Gray:
    """A page with upright pieces (top, height) in a column of pixels."""
    page = make_page(LINES, dpi=DPI, size_in=(4.0, 1.4))
    for top, height in pieces:
        page[top : top + height, x : x + 3] = 0
    return page


def rows_of(page: Gray) -> list[tuple[int, int, int]]:
    """Pieces of ink, left and right end of every row."""
    rows = [row for p in find_layout(page < 128).paragraphs for row in p.rows]
    return [(len(row.members), row.x0, row.x1) for row in rows]


@pytest.mark.parametrize(
    "pieces",
    [
        [(y, 6) for y in range(70, 250, 12)],  # dotted
        [(y, 3) for y in range(70, 250, 8)],  # dotted finely
        [(y, 3) for y in range(70, 250, 8) if y % 5],  # some dots worn away
        [(70, 30), (104, 22), (132, 40), (178, 11), (193, 40)],  # broken
        [(70, 120), (193, 16)],  # one end broken off
    ],
)
@pytest.mark.parametrize("beside_px", [-16, 6])
def test_the_side_of_a_box_is_no_part_of_its_lines(
    pieces: list[tuple[int, int]], beside_px: int
) -> None:
    page = boxed([], 0)
    ink = np.flatnonzero((page < 128).any(axis=0))
    x = int(ink[0]) + beside_px if beside_px < 0 else int(ink[-1]) + beside_px

    assert rows_of(boxed(pieces, x)) == rows_of(page)


def test_letters_below_each_other_are_no_rule() -> None:
    page = make_page(["1  Il", "1  Il", "1  Il", "1  Il", "1  Il"], dpi=DPI, size_in=(2.0, 2.0))
    found = find_components(page < 128)
    kinds = sort_components(found, 22.0)

    assert set_uprights_apart(found, kinds, 22.0) is kinds


def test_colons_below_each_other_are_no_rule() -> None:
    page = make_page([f"Row {k} :" for k in range(6)], dpi=DPI, size_in=(2.0, 2.4))
    found = find_components(page < 128)
    kinds = sort_components(found, 22.0)

    assert set_uprights_apart(found, kinds, 22.0) is kinds


def test_small_print_beside_large_letters_is_no_rule() -> None:
    page = make_page(["Letters of the page", "as large as these"], dpi=DPI, size_pt=40.0)
    small = make_page(["some small print"] * 12, dpi=DPI, size_pt=7.0, size_in=(1.5, 2.0))
    page[-small.shape[0] :, : small.shape[1]] = small
    found = find_components(page < 128)
    kinds = sort_components(found, 60.0)

    assert set_uprights_apart(found, kinds, 60.0) is kinds


def test_brackets_with_a_dotted_line_between_them_are_no_rule() -> None:
    page = make_page(["(203) 569", "", "(203) 569", "", "(203) 569"], dpi=DPI, size_pt=9.0)
    inked = np.flatnonzero((page < 128).any(axis=1))
    lines = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    for above, below in pairwise(lines):
        for y in range(int(above[-1]) + 5, int(below[0]) - 4, 7):
            for x in range(60, 300, 6):
                page[y : y + 3, x : x + 3] = 0
    found = find_components(page < 128)
    kinds = sort_components(found, 16.0)
    apart = set_uprights_apart(found, kinds, 16.0)

    assert set(apart.body.tolist()) == set(kinds.body.tolist())
