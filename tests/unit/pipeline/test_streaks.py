"""Streaks of a scanner are taken out, whatever they cross; rules and letters stay."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from pipeline.image import GrayImage
from pipeline.streaks import find_streaks, without_streaks


def page() -> GrayImage:
    """Lines of text, 0 = black."""
    picture = Image.new("L", (700, 500), 250)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(28)
    for y in range(40, 440, 40):
        pen.text((40, y), "nothing that can be read is dropped", 20, font)
    return np.asarray(picture, np.uint8)


PAGE = page()


@given(
    st.lists(st.integers(4, 690), min_size=1, max_size=5), st.integers(1, 4), st.integers(0, 150)
)
@settings(max_examples=40, deadline=None)
def test_streaks_go_and_letters_stay(columns: list[int], width: int, tone: int) -> None:
    columns = [c for k, c in enumerate(columns) if all(abs(c - d) > 20 for d in columns[:k])]
    scan = PAGE.copy()
    for column in columns:
        scan[:, column : column + width] = np.minimum(scan[:, column : column + width], tone)
    if any(column + width > scan.shape[1] - 5 for column in columns):
        return  # at the edge of the picture there is no other side
    assert len(find_streaks(scan)) == len(columns)
    mended = without_streaks(scan)
    assert mended is not None
    assert find_streaks(mended) == []
    wrong = np.abs(mended.astype(int) - PAGE) > 100
    # Guessed from both sides: stems that one of them hides are lost, the same in all ten lines.
    assert wrong.sum() < 0.4 * len(columns) * (width + 2) * PAGE.shape[0]
    outside = np.ones(PAGE.shape[1], bool)
    for column in columns:
        outside[column - 2 : column + width + 2] = False
    assert (mended[:, outside] == PAGE[:, outside]).all()


def test_a_page_without_streaks_is_left_alone() -> None:
    assert without_streaks(PAGE) is None
    assert without_streaks(255 - PAGE) is None
    assert without_streaks(np.full((300, 300), 255, np.uint8)) is None
    assert without_streaks(np.zeros((300, 300), np.uint8)) is None
    assert without_streaks(np.full((3, 3000), 255, np.uint8)) is None


def test_a_rule_that_ends_in_the_margin_is_none() -> None:
    ruled = PAGE.copy()
    ruled[20:-20, 350:353] = 0
    assert find_streaks(ruled) == []


def test_the_edge_of_a_sheet_is_none() -> None:
    edge = PAGE.copy()
    edge[:, :30] = 60
    assert find_streaks(edge) == []
