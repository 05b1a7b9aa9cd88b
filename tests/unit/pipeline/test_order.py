from __future__ import annotations

import pytest

from pipeline import order
from pipeline.layout.gutters import Gutter
from pipeline.layout.placed import Placed
from pipeline.order import reading_order


def place(x0: float, y0: float, x1: float, y1: float) -> Placed:
    return Placed(x0=x0, y0=y0, x1=x1, y1=y1)


def test_a_wide_block_parts_the_columns_above_from_those_below() -> None:
    blocks = [
        place(0, 0, 100, 10),  # heading
        place(0, 20, 45, 50),
        place(55, 20, 100, 50),
        place(0, 60, 100, 70),  # second heading
        place(0, 80, 45, 110),
        place(55, 80, 100, 110),
    ]
    shuffled = [3, 5, 0, 2, 4, 1]

    found = reading_order([blocks[k] for k in shuffled])

    assert [shuffled[k] for k in found] == [0, 1, 2, 3, 4, 5]


def test_too_many_blocks_are_read_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MAX_BLOCKS", 3)
    blocks = [place(50, 5, 60, 9), place(0, 6, 9, 9), place(0, 0, 9, 4), place(0, 20, 9, 24)]

    assert reading_order(blocks) == [2, 0, 1, 3]


def test_blocks_that_contradict_each_other_are_still_all_read() -> None:
    blocks = [place(0, 0, 10, 10)] * 3
    assert sorted(reading_order(blocks)) == [0, 1, 2]
    assert reading_order([]) == []


def test_a_date_at_the_right_comes_before_the_greeting_below_it() -> None:
    sender = place(0, 0, 30, 20)
    date = place(70, 30, 100, 38)
    greeting = place(0, 48, 30, 56)
    body = place(0, 66, 90, 120)

    assert reading_order([sender, date, greeting, body]) == [0, 1, 2, 3]


def test_a_longer_left_column_is_read_to_its_end_before_the_right_one() -> None:
    left = place(0, 0, 40, 20)
    rest = place(0, 30, 40, 50)
    right = place(50, 0, 90, 20)

    assert reading_order([left, right, rest]) == [0, 2, 1]


def test_lines_level_with_the_white_of_the_other_column_stay_in_their_own() -> None:
    left = [place(0, y, 40, y + 4) for y in (0, 20, 35, 60, 80)]
    right = [place(50, y, 90, y + 4) for y in (0, 15, 30, 45, 80)]

    gutter = Gutter(x_px=45, y0_px=0, y1_px=90)

    assert reading_order([*right, *left], 4, [gutter]) == [5, 6, 7, 8, 9, 0, 1, 2, 3, 4]


def test_a_name_in_the_middle_of_a_column_comes_before_the_short_speech_below_it() -> None:
    above, name, speech, below = (
        place(0, 0, 40, 4),
        place(20, 10, 30, 14),
        place(0, 20, 15, 24),
        place(0, 30, 40, 34),
    )
    right = place(50, 0, 90, 34)
    gutter = Gutter(x_px=45, y0_px=0, y1_px=90)

    blocks = [right, below, speech, name, above]
    assert reading_order(blocks, 4, [gutter]) == [4, 3, 2, 1, 0]


def test_stains_in_the_margin_do_not_change_the_order_of_the_text() -> None:
    head = place(20, 0, 90, 30)
    items = place(15, 40, 95, 70)
    total = place(25, 75, 90, 110)
    stains = [place(2, 10, 5, 14), place(3, 60, 6, 64), place(2, 85, 5, 89)]

    blocks = [*stains, total, items, head]
    found = reading_order(blocks, line_px=5.0)

    assert [k for k in found if k >= 3] == [5, 4, 3]
    assert sorted(found) == list(range(6))


def test_a_small_block_is_read_beside_the_block_that_it_is_nearest_to() -> None:
    left, right = place(0, 0, 40, 60), place(60, 0, 100, 60)
    above, below = place(70, -12, 80, -6), place(70, 66, 80, 72)

    assert reading_order([right, below, left, above], line_px=5.0) == [2, 3, 0, 1]


def test_stains_in_the_margin_put_no_head_before_the_date_above_it() -> None:
    date, greeting = place(70, 5, 95, 7), place(33, 20, 70, 22)
    text = place(15, 35, 95, 100)
    stains = [place(0, y, 1, y + 4) for y in (30, 60, 80)]

    assert reading_order([*stains, date, greeting, text])[:2] == [3, 4]


def test_the_number_of_a_page_is_read_last() -> None:
    left, right, number = place(0, 0, 40, 80), place(60, 0, 100, 60), place(46, 95, 52, 99)

    assert reading_order([number, right, left], line_px=5.0) == [2, 1, 0]


def test_a_page_of_small_blocks_alone_is_ordered_as_any_other() -> None:
    blocks = [place(0, 20, 9, 24), place(0, 0, 9, 4)]
    assert reading_order(blocks, line_px=5.0) == [1, 0]


def test_a_head_above_the_second_of_three_columns_is_read_first() -> None:
    head = place(340, 20, 460, 40)
    columns = [place(x, 60, x + 220, 700) for x in (0, 290, 580)]
    assert reading_order([*columns, head], 12.0) == [3, 0, 1, 2]


def test_a_first_line_of_the_second_column_alone_is_not_read_before_the_first() -> None:
    left, right = place(0, 60, 380, 700), place(420, 60, 800, 700)
    line = place(420, 40, 800, 52)
    assert reading_order([left, line, right], 12.0) == [0, 1, 2]
