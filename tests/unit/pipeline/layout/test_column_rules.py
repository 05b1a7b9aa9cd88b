"""A printed rule parts columns that could be cells; the rules of a table do not."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.layout.column_rules import ColumnRule
from pipeline.layout.gutters import Gutter, _at_rules
from tests.drawing import make_page
from tests.unit.pipeline.layout.test_gutters import DPI, TEXT, Gray, page_of, rows_of

LINES, PITCH_PX, MIDDLE_PX = 16, 35, 560


def questions(first: int) -> Gray:
    """Questions and short answers on the grid of lines that the other column has, too."""
    rows = [
        f"{first + k}. {TEXT[31 * (first + k) % 200 :][:24]}?" if k % 2 == 0 else "Eight."
        for k in range(LINES)
    ]
    return make_page(rows, dpi=DPI, size_in=(3.4, LINES * 0.235 + 0.2), margin_in=0.1)


def page(*, rule: bool = False, level: bool = False, cells: bool = False) -> Gray:
    right = questions(30)
    if cells:
        amounts = [f"{137 * k % 900}.00" for k in range(LINES)]
        right = make_page(amounts, dpi=DPI, size_in=(3.4, LINES * 0.235 + 0.2), margin_in=0.1)
    drawn = page_of((20, questions(1)), (MIDDLE_PX + 20, right), width_px=1120)
    if rule:
        drawn[40:-40, MIDDLE_PX : MIDDLE_PX + 3] = 0
    if level:
        for y in range(34, len(drawn) - 30, PITCH_PX):
            drawn[y : y + 2, 20:-20] = 0
    return drawn


def test_columns_with_a_rule_between_them_are_read_down() -> None:
    rows = rows_of(page(rule=True))

    assert [x0 > MIDDLE_PX for x0, _ in rows] == [False] * LINES + [True] * LINES


@pytest.mark.parametrize(
    "kinds", [{}, {"rule": True, "level": True}, {"rule": True, "cells": True}]
)
def test_rows_of_a_table_and_lines_without_a_rule_are_read_across(kinds: dict[str, bool]) -> None:
    rows = rows_of(page(**kinds))

    assert len(rows) == LINES
    assert all(x0 < MIDDLE_PX < x1 for x0, x1 in rows)


def test_a_rule_in_pieces_is_one() -> None:
    drawn = page(rule=True)
    for y in (160, 330):
        drawn[y : y + 12, MIDDLE_PX : MIDDLE_PX + 3] = 255

    assert len(rows_of(drawn)) == 2 * LINES


VERSES = 6


def verses(*, rule: bool = True, level: bool = False, words: int = 24) -> Gray:
    """Two verses of a song on one grid, a rule between them, and a line below both."""
    text = [f"{TEXT[23 * k % 200 :][: words - 5 * (k % 2)]}" for k in range(2 * VERSES)]
    left, right = (
        make_page(lines, dpi=DPI, size_in=(3.4, VERSES * 0.235 + 0.2), margin_in=0.1)
        for lines in (text[:VERSES], text[VERSES:])
    )
    below = make_page([TEXT[:30] + "   " + TEXT[40:70]], dpi=DPI, size_in=(7.0, 0.4), margin_in=0.1)
    drawn = page_of((20, left), (MIDDLE_PX + 20, right), width_px=1120)
    if rule:
        drawn[40:-60, MIDDLE_PX : MIDDLE_PX + 3] = 0
    if level:
        drawn[40:43, 20:-20] = 0
    page = np.full((len(drawn) + len(below), 1120), 255, np.uint8)
    page[: len(drawn)] = drawn
    page[len(drawn) :, 100 : 100 + below.shape[1]] = below[:, :1020]
    return page


def test_a_short_rule_parts_verses_and_not_the_line_below() -> None:
    rows = rows_of(verses())

    assert [x0 > MIDDLE_PX for x0, _ in rows[:-1]] == [False] * VERSES + [True] * VERSES
    assert rows[-1][0] < MIDDLE_PX < rows[-1][1]


@pytest.mark.parametrize(
    "drawn",
    [verses(rule=False), verses(level=True), verses(words=9)],
    ids=["white", "level", "narrow"],
)
def test_rows_of_a_small_table_are_read_across(drawn: Gray) -> None:
    rows = rows_of(drawn)

    assert len(rows) == VERSES + 1
    assert all(x0 < MIDDLE_PX < x1 for x0, x1 in rows)


@pytest.mark.parametrize(("length_px", "x_px"), [(900, 560.0), (200, 575.0)])
def test_white_far_beyond_a_rule_says_where_lines_end(length_px: int, x_px: float) -> None:
    white = Gutter(x_px=575.0, y0_px=0.0, y1_px=1000.0)
    rule = ColumnRule(x_px=560.0, y0_px=50.0, y1_px=50.0 + length_px, left_px=550.0, right_px=600.0)
    assert _at_rules([white], [rule]) == (Gutter(x_px=x_px, y0_px=0.0, y1_px=1000.0),)
