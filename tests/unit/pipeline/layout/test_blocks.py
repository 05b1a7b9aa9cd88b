from __future__ import annotations

from pipeline.layout.blocks import find_blocks
from pipeline.layout.placed import Placed


def row(x0: float, y0: float, x1: float) -> Placed:
    return Placed(x0=x0, y0=y0, x1=x1, y1=y0 + 10)


def test_the_page_itself_tells_how_far_lines_of_a_block_stand_apart() -> None:
    wide = [row(0, y, 100) for y in (0, 33, 66, 99)]

    assert find_blocks(wide) == [[0, 1, 2, 3]]


def test_a_heading_far_above_is_a_block_of_its_own() -> None:
    rows = [row(0, 0, 100), *(row(0, y, 100) for y in (60, 84, 108, 132))]

    assert find_blocks(rows) == [[0], [1, 2, 3, 4]]


def test_a_wide_row_below_two_columns_continues_neither() -> None:
    rows = [row(0, 0, 40), row(60, 0, 100), row(0, 20, 40), row(60, 20, 100), row(0, 40, 100)]

    assert find_blocks(rows) == [[0, 2], [1, 3], [4]]
