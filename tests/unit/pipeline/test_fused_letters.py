"""Words that a pen struck through stay in their lines; pictures and rules don't get in."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.binarize import binarize
from pipeline.fused_letters import is_bridged
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
LINE = "what stands here is read by many people"


def page() -> Gray:
    return make_page([LINE] * 8, dpi=200, size_in=(5.2, 3.2))


def struck(gray: Gray, *points: tuple[int, int]) -> Gray:
    out = gray.copy()
    cv2.polylines(out, [np.array(points, np.int32)], False, 0, 4, cv2.LINE_AA)
    return out


def widths(gray: Gray) -> list[int]:
    layout = find_layout(binarize(gray))
    lines = cut_lines(gray, layout, Rotation.of(gray.shape[1], gray.shape[0], 0.0))
    return [line.gray.shape[1] for line in lines]


def test_a_line_is_not_parted_where_a_stroke_takes_its_letters() -> None:
    flat = struck(page(), (200, 60), (240, 130), (420, 180), (480, 420))
    assert len(widths(flat)) == len(widths(page())) == 8


@pytest.mark.parametrize("kind", ["rule", "picture", "nothing"])
def test_what_is_no_word_is_left_out(kind: str) -> None:
    gray = page()
    if kind == "rule":
        gray[20:600, 700:703] = 0
    elif kind == "picture":
        gray[40:500, 680:900] = 60
    assert [width for width in widths(gray) if width > 300] == widths(page())


def test_white_between_cells_is_a_gap() -> None:
    gray = make_page(
        ["first cell                     second cell"] * 5, dpi=200, size_in=(5.2, 3.2)
    )
    gray[20:600, 350:353] = 0
    layout = find_layout(binarize(gray))
    for paragraph in layout.paragraphs:
        for row in paragraph.rows:
            assert not is_bridged(layout.found, row, 340, 370, 2.0)
