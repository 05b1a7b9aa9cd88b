"""Marks of pens, clips and rust that a line recogniser makes letters of."""

from __future__ import annotations

from dataclasses import replace

from ocrq.types import Box, CharResult
from pipeline.engines.dirt import mark_strays
from pipeline.engines.engine import LineImage, LineReading
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from tests.drawing import make_page


def _row(text: str, confidence: float) -> LineReading:
    box = Box(x0_px=0, y0_px=0, x1_px=9, y1_px=9)
    return LineReading(
        chars=tuple(CharResult(char=c, confidence=confidence, box=box) for c in text)
    )


def _lines(*heights: float) -> list[LineImage]:
    gray = make_page("Some words on one line", dpi=150)
    height_px, width_px = gray.shape
    level = Rotation.of(width_px, height_px, 0.0)
    (image,) = cut_lines(gray, find_layout(gray < 128), level)
    return [replace(image, x_height_px=height) for height in heights]


RUNNING = [_row("the quick brown fox", 0.99)] * 3


def test_marks_that_stand_alone_are_left_out_and_words_stay() -> None:
    readings = [
        *RUNNING,
        _row("L", 0.87),
        _row("2", 0.5),
        _row("1)", 0.5),
        _row("In", 0.98),
        _row("7", 0.9),
    ]
    lines = _lines(20, 20, 20, 9, 20, 20, 20, 20)
    left = ["" if r.is_dirt else r.text for r in mark_strays(lines, readings)]
    assert left == ["the quick brown fox"] * 3 + ["", "", "", "In", "7"]


def test_a_column_has_company_and_a_form_nothing_to_compare_with() -> None:
    doubtful = _row("1", 0.4)
    lines = _lines(20, 20, 20, 20, 20)
    lines[3] = replace(lines[3], continues=True)
    kept = mark_strays(lines, [*RUNNING, doubtful, _row("4.50", 0.9)])
    assert kept[3] is doubtful
    assert mark_strays(lines[:2], [doubtful, doubtful]) == [doubtful, doubtful]
