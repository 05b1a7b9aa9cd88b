"""Pages of several columns are read column by column, whatever their lines do."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from pipeline.layout.page import find_layout
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
WORDS = (
    "tumor",
    "mangoes",
    "waylays",
    "install",
    "sans",
    "unformed",
    "a",
    "of",
    "climates",
    "value",
)
EM_PX, LEAD_PX, GAP_PX = 26, 35, 50


def draw(columns: int, seed: int, *, ragged: bool, lines: int = 32, heading: int = -1) -> Gray:
    """Columns of numbered lines; the second has a heading, after which it is off the others."""
    rng = random.Random(seed)
    image = Image.new("L", (2000, 150 + (lines + 2) * LEAD_PX), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(EM_PX)
    width = (1800 - GAP_PX * (columns - 1)) / columns
    for column in range(columns):
        left, y = 100 + column * (width + GAP_PX), 100.0
        for number in range(lines):
            if column == 1 and number == heading:
                pen.text((left, y + 8), "News of the day", fill=0, font=built_in_font(EM_PX + 6))
                y += LEAD_PX + 18
            words = [rng.choice(WORDS)]
            while pen.textlength(" ".join([*words, word := rng.choice(WORDS)]), font) < width:
                words.append(word)
            spare = 0.0 if ragged else width - sum(pen.textlength(w, font) for w in words)
            space = spare / max(1, len(words) - 1) or pen.textlength(" ", font)
            x = left
            for word in words:
                pen.text((x, y), word, fill=0, font=font)
                x += pen.textlength(word, font) + space
            y += LEAD_PX
    return np.asarray(image, np.uint8)


def columns_of(gray: Gray, columns: int) -> list[int]:
    """The column of each row, in reading order; -1 of a row in several."""
    width = (1800 - GAP_PX * (columns - 1)) / columns + GAP_PX
    found = []
    for paragraph in find_layout(gray < 128).paragraphs:
        for row in paragraph.rows:
            first, last = (int((x - 100 + GAP_PX / 2) // width) for x in (row.x0, row.x1))
            found.append(first if first == last else -1)
    return found


@pytest.mark.parametrize("columns", [3, 4])
def test_lines_are_not_joined_across_a_column_that_is_off_theirs(columns: int) -> None:
    order = columns_of(draw(columns, 1, ragged=False, heading=5), columns)
    assert order == sorted(order)
    assert min(order) == 0
    assert len(order) == 32 * columns + 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("columns", [2, 3, 4])
def test_the_longest_lines_of_ragged_columns_stay_in_their_place(columns: int, seed: int) -> None:
    order = columns_of(draw(columns, seed, ragged=True), columns)
    assert order == sorted(order)
    assert min(order) == 0


def test_figures_in_many_columns_are_all_rows() -> None:
    image = Image.new("L", (2480, 3508), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(22)
    for row in range(88):
        for column in range(18):
            digits = "7" if (row + column) % 5 == 0 else f"{row}{column}4"
            pen.text((100 + column * 126, 100 + row * 37), digits, fill=0, font=font)
    layout = find_layout(np.asarray(image, np.uint8) < 128)
    letters = sum(len(row.members) for p in layout.paragraphs for row in p.rows)
    assert letters == sum(
        len("7" if (row + column) % 5 == 0 else f"{row}{column}4")
        for row in range(88)
        for column in range(18)
    )
