"""Lines that run up the margin are no part of the lines beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.layout.page import find_layout
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
LINES = [f"Line {k} of the page says what it says" for k in range(10, 24)]


def page_with(margin: Gray, left_px: int) -> Gray:
    text = make_page(LINES, dpi=200, size_pt=11, size_in=(4.6, 3.9), margin_in=0.5)
    height, width = margin.shape
    text[60 : 60 + height, left_px : left_px + width] = np.minimum(
        text[60 : 60 + height, left_px : left_px + width], margin
    )
    return text


@pytest.mark.parametrize(("turns", "left_px"), [(1, 30), (3, 30), (1, 840)])
def test_a_line_that_runs_up_or_down_the_margin_is_a_picture(turns: int, left_px: int) -> None:
    line = make_page(["Downloaded from the archive"], dpi=200, size_pt=11, size_in=(2.6, 0.3),
                     margin_in=0.05)  # fmt: skip

    layout = find_layout(page_with(np.rot90(line, turns), left_px) < 128)

    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(layout.paragraphs) == 1
    assert len(rows) == len(LINES)
    assert all(row.x0 >= 100 and row.x1 < 840 for row in rows)
    (picture,) = layout.furniture.pictures
    assert left_px <= picture.x0 and picture.x1 <= left_px + 60


def test_numbers_of_lines_stay_with_them() -> None:
    numbers = make_page(
        [str(k) for k in range(1, 15)], dpi=200, size_pt=11, size_in=(0.3, 3.0), margin_in=0.05
    )
    layout = find_layout(page_with(numbers[:, :60], 20) < 128)
    assert not layout.furniture.pictures


def test_a_page_on_its_side_is_not_all_margin() -> None:
    text = make_page(LINES, dpi=200, size_pt=11, size_in=(4.6, 3.9), margin_in=0.5)
    layout = find_layout(np.rot90(text) < 128)
    assert not layout.furniture.pictures
