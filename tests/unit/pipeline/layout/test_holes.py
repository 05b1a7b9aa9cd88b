"""Punched holes are not read, large letters are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.layout.page import find_layout
from tests.drawing import make_page

LINES = [f"Line {k} of the page says what it says" for k in range(10, 22)]


@pytest.mark.parametrize("ring_px", [-1, 32])
def test_punched_holes_are_no_rows(ring_px: int) -> None:
    page = make_page(LINES, dpi=200, size_pt=11, size_in=(5.0, 3.4), margin_in=0.8)
    for y in (200, 500):
        cv2.circle(page, (60, y), 32, 0, ring_px)

    rows = [row for paragraph in find_layout(page < 128).paragraphs for row in paragraph.rows]

    assert len(rows) == len(LINES)


def test_a_round_letter_of_a_heading_is_no_hole() -> None:
    text = make_page(LINES, dpi=200, size_pt=11, size_in=(5.0, 3.4), margin_in=0.3)
    head = np.full((120, text.shape[1]), 255, np.uint8)
    head[20:90, 300:330] = head[20:90, 420:450] = 0
    cv2.circle(head, (375, 55), 35, 0, -1)  # a heavy O between two I

    rows = [
        row
        for paragraph in find_layout(np.vstack([head, text]) < 128).paragraphs
        for row in paragraph.rows
    ]

    assert len(rows) == len(LINES) + 1
    assert len(rows[0].members) == 3
