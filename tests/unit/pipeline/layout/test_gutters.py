"""Columns are read down, far apart too; tables and receipts are read across."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from pipeline.layout.page import find_layout
from tests.drawing import built_in_font, make_page

Gray = npt.NDArray[np.uint8]
DPI = 150
TEXT = (
    "The ferry left at seven and came back before the rain, and nobody had opened the "
    "cupboard since the school was closed, for every parish kept two books, one of them for "
    "births and one for deaths, and a clerk copied each letter by hand and kept the original "
    "in the cellar, where boxes stood in the dark until a flood came through the lower door."
)


def column(first: int, chars: int, lines: int = 14) -> Gray:
    """Ragged text of this width: as many words a line as it has room for."""
    rows, words = [""], TEXT.split()
    for k in range(first, first + 1000):
        word = words[k % len(words)]
        if len(rows[-1]) + len(word) + 1 > chars:
            if len(rows) == lines:
                break
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return make_page(
        rows, dpi=DPI, size_in=(0.085 * chars + 0.3, lines * 0.24 + 0.2), margin_in=0.1
    )


def page_of(*parts: tuple[int, Gray], width_px: int) -> Gray:
    page = np.full((max(part.shape[0] for _, part in parts) + 40, width_px), 255, np.uint8)
    for x, part in parts:
        place = page[20 : 20 + part.shape[0], x : x + part.shape[1]]
        place[:] = np.minimum(place, part[:, : place.shape[1]])
    return page


def rows_of(page: Gray) -> list[tuple[int, int]]:
    return [(r.x0, r.x1) for p in find_layout(page < 128).paragraphs for r in p.rows]


@pytest.mark.parametrize("white_px", [0, 40, 90])
def test_ragged_columns_are_read_down_far_apart_too(white_px: int) -> None:
    left, right = column(0, 40), column(7, 40)
    middle = 20 + left.shape[1] + white_px

    rows = rows_of(page_of((20, left), (middle, right), width_px=middle + right.shape[1] + 20))

    assert len(rows) == 28
    assert all(x1 < middle for _, x1 in rows[:14])
    assert all(x0 >= middle for x0, _ in rows[14:])


def test_a_page_number_below_two_columns_is_not_cut() -> None:
    left, right = column(0, 40), column(7, 40)
    page = page_of((20, left), (90 + left.shape[1], right), width_px=1300)
    page = np.vstack([page, np.full((120, page.shape[1]), 255, np.uint8)])
    middle = (left.shape[1] + 90) // 2 + 35
    number = make_page("40", dpi=DPI, size_in=(0.4, 0.4), margin_in=0.1)
    page[-100 : -100 + number.shape[0], middle - 20 : middle - 20 + number.shape[1]] = number

    rows = rows_of(page)

    assert len(rows) == 29
    assert rows[-1][1] - rows[-1][0] > 15


def test_a_table_of_names_and_streets_is_read_across() -> None:
    names = ["Anna Holt", "Ben Marsh", "Clara Voss", "David Lund", "Edith Frey", "Frank Quist"]
    streets = ["Alder Quay 7", "Brook Lane 112", "Castle Hill 1", "Dove Street 40"]
    left = make_page([names[k % 6] for k in range(14)], dpi=DPI, size_in=(2.0, 3.6), margin_in=0.1)
    right = make_page(
        [streets[k % 4] for k in range(14)], dpi=DPI, size_in=(2.0, 3.6), margin_in=0.1
    )

    rows = rows_of(page_of((20, left), (420, right), width_px=800))

    assert len(rows) == 14
    assert all(x0 < 60 and x1 > 430 for x0, x1 in rows)


def test_articles_and_amounts_are_read_across() -> None:
    left = column(0, 38)
    amounts = make_page(
        [f"{3 * k}.{k:02d}" for k in range(14)], dpi=DPI, size_in=(1.0, 3.6), margin_in=0.1
    )

    rows = rows_of(page_of((20, left), (left.shape[1] + 90, amounts), width_px=900))

    assert len(rows) == 14


def speeches(turn: int, *, size_pt: float = 12.0) -> Gray:
    """Names in the middle of a column above speeches of any length, every line on its own."""
    rows = []
    for k in range(turn, turn + 5):
        rows += [" " * 22 + "Moi", TEXT[50 * k :][: (24, 38)[k % 2]], TEXT[50 * k + 30 :][:18]]
    return make_page(rows, dpi=DPI, size_pt=size_pt, size_in=(3.7, 3.8), margin_in=0.1)


@pytest.mark.parametrize("size_pt", [12.0, 11.0])
def test_speeches_that_do_not_stand_level_are_two_columns(size_pt: float) -> None:
    left, right = speeches(0), speeches(1, size_pt=size_pt)
    middle = 90 + left.shape[1]

    rows = rows_of(page_of((20, left), (middle, right), width_px=middle + right.shape[1] + 20))

    across = [row for row in rows if row[0] < middle < row[1]]
    if size_pt == 12.0:  # cells of a table stand level
        assert len(across) == 15
    else:
        assert not across and all(x1 < middle for _, x1 in rows[:15])


def accounts(lines: int) -> Gray:
    """A table whose last column is narrow."""
    rows = [f"Item {'abcdefgh'[k % 8]}" for k in range(lines)]
    parts = [(0, make_page(rows, dpi=DPI, size_pt=11.0, size_in=(1.0, 5.0), margin_in=0.1))]
    for x in (260, 380):
        amounts = [f"{137 * (k + 3) % 900 + 100}" for k in range(lines)]
        parts.append(
            (x, make_page(amounts, dpi=DPI, size_pt=11.0, size_in=(0.6, 5.0), margin_in=0.1))
        )
    return page_of(*parts, width_px=470)


@pytest.mark.parametrize("size_pt", [12.0, 11.0])
def test_a_table_beside_running_text_is_a_column_unless_they_stand_level(size_pt: float) -> None:
    table = accounts(20)
    words = [TEXT[37 * k % 200 :][: 40 - 3 * (k % 4)] for k in range(18)]
    text = make_page(words, dpi=DPI, size_pt=size_pt, size_in=(3.8, 5.0), margin_in=0.1)

    rows = rows_of(page_of((20, table), (560, page_of((0, text), width_px=570)), width_px=1160))

    across = [row for row in rows if row[0] < 530 < row[1]]
    if size_pt == 11.0:  # remarks on each row
        assert len(across) == 18 and len(rows) == 20
    else:
        assert not across
        assert [x0 > 530 for x0, _ in rows] == [False] * 20 + [True] * 18


@pytest.mark.parametrize("code", ["00555-90471-58", "of long years"])
def test_codes_near_the_names_that_they_belong_to_are_cells(code: str) -> None:
    """As wide as a narrow column, and no farther from the next than one."""
    codes = [f"{code[:-1]}{k % 10}" for k in range(14)]
    left = make_page(codes, dpi=DPI, size_in=(1.6, 3.6), margin_in=0.1)
    names = make_page(
        [TEXT[23 * k :][:26] for k in range(14)], dpi=DPI, size_in=(2.6, 3.6), margin_in=0.1
    )
    ends = np.flatnonzero((left < 128).any(axis=0))[-1]

    rows = rows_of(page_of((20, left), (int(ends) + 50, names), width_px=800))

    assert len(rows) == 14


def typed(seed: int, lines: int = 20) -> Gray:
    """Typescript with much white between its lines, every fourth of which ends a paragraph."""
    words, taken = TEXT.split(), 0
    random.Random(seed).shuffle(words)
    image = Image.new("L", (1300, 80 + 64 * lines), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(24)
    for number in range(lines):
        chars = 56 if (number + seed) % 4 else 20 + seed % 20
        line = ""
        while len(line) + 1 + len(words[taken % len(words)]) <= chars:
            line = f"{line} {words[taken % len(words)]}".strip()
            taken += 1
        for place, letter in enumerate(line):
            pen.text((60 + 20 * place, 30 + 64 * number), letter, fill=0, font=font)
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize("seed", [369, 484])
def test_spaces_of_typescript_below_each_other_are_no_gutter(seed: int) -> None:
    """All letters of a typescript stand below each other, and so do a few of its spaces."""
    assert len(rows_of(typed(seed))) == 20
