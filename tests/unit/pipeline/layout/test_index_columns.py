"""Columns of an index are read down: entries are ragged and stand level, but some of them hang."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.layout.page import find_layout
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
DPI, LINES = 150, 30


def entries(seed: int, *, hanging: float = 0.3) -> list[str]:
    rng = random.Random(seed)
    lines = ["Index"]
    for _ in range(LINES - 1):
        pages = ", ".join(str(rng.randint(10, 300)) for _ in range(rng.randint(1, 3)))
        is_hanging = rng.random() < hanging and not lines[-1].startswith(" ")
        lines.append(f"      of towns, {pages}" if is_hanging else f"Harbours, {pages}")
    return lines


def page_of(left: list[str], right: list[str]) -> Gray:
    sides = [make_page(side, dpi=DPI, size_pt=11, size_in=(2.9, 7.2), margin_in=0.2)
             for side in (left, right)]  # fmt: skip
    return np.hstack(sides)


def rows_across(page: Gray) -> tuple[int, int]:
    rows = [row for paragraph in find_layout(page < 128).paragraphs for row in paragraph.rows]
    middle = page.shape[1] / 2
    return sum(row.x0 < middle < row.x1 for row in rows), len(rows)


@pytest.mark.parametrize("seed", [0, 2])
def test_an_index_is_read_column_by_column(seed: int) -> None:
    assert rows_across(page_of(entries(seed), entries(seed + 10))) == (0, 2 * LINES)


def test_cells_whose_second_lines_hang_in_both_columns_are_rows() -> None:
    left = entries(3)
    right = [("      " if line.startswith(" ") else "") + f"Harbours, {k}, 17"
             for k, line in enumerate(left, start=100)]  # fmt: skip
    assert rows_across(page_of(left, right)) == (LINES, LINES)


def test_a_list_and_a_column_without_a_second_line_are_rows() -> None:
    right = [f"Harbours, {k}, 17" for k in range(100, 100 + LINES)]
    assert rows_across(page_of(entries(3), right)) == (LINES, LINES)
