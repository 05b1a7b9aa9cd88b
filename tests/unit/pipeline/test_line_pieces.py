"""Long lines are read in parts, at their own proportions, and are one line in the end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.page import find_layout
from pipeline.line_crop import crop_line
from pipeline.line_image import MAX_WIDTH_PX
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
WORDS = "five boxing wizards jump quickly over many lazy dogs while "


def page(chars: int) -> Gray:
    text = (WORDS * (chars // len(WORDS) + 1))[:chars].rstrip()
    return make_page([text], dpi=150, size_in=(chars * 0.095 + 1, 1.0))


@pytest.mark.parametrize(("chars", "parts"), [(60, 1), (200, 2), (600, 5)])
def test_no_picture_of_a_line_is_squeezed(chars: int, parts: int) -> None:
    gray = page(chars)
    layout = find_layout(gray < 128)

    lines = cut_lines(gray, layout, Rotation.of(gray.shape[1], gray.shape[0], 0.0))

    assert abs(len(lines) - parts) <= 1
    assert [line.continues for line in lines] == [False] + [True] * (len(lines) - 1)
    assert sum(len(line.glyphs) for line in lines) >= 0.9 * len(WORDS.replace(" ", "")) * (
        chars // len(WORDS)
    )
    for line in lines:
        crop = crop_line(line)
        assert crop.picture.shape[1] < MAX_WIDTH_PX


def test_the_parts_are_one_line_with_its_words() -> None:
    gray = page(400)
    image = PageImage(gray=gray, dpi=150, dpi_is_estimated=False, scan_size_px=gray.shape[::-1])

    result = process_page(image, PageOptions(), load_engine("crnn"))

    (line,) = result.lines
    assert line.cell is None
    expected = (WORDS * 10)[:400].rstrip()
    assert sum(a != b for a, b in zip(line.text, expected, strict=False)) <= 4
    assert abs(len(line.text) - len(expected)) <= 1


def cells(height_px: int, arm_px: int = 0) -> list[int]:
    """Letters of the pieces of rows of a table, each line between two cells so high.

    A line may have arms to both sides, one at each row, as letters that it has joined.
    """
    gray = make_page(["30   pcs", "", "17   box", "", "24   bag"], dpi=200, size_in=(2.0, 1.8))
    inked = np.flatnonzero((gray < 128).any(axis=0))
    gap = int(np.argmax(np.diff(inked)))
    middle = int(inked[gap] + inked[gap + 1]) // 2
    for y in range(0, len(gray), 2 * height_px):
        gray[y : y + height_px, middle : middle + 3] = 0
    if arm_px:
        ink = np.flatnonzero((gray < 128).sum(axis=1) > 20)
        for y in ink[1:][np.diff(ink) > 5].tolist():
            gray[y + 10 : y + 13, middle - arm_px : middle + arm_px] = 0
    height, width = gray.shape
    lines = cut_lines(gray, find_layout(gray < 128), Rotation.of(width, height, 0.0))
    return [len(line.glyphs) for line in lines]


def test_a_row_is_parted_at_a_line_of_a_table_that_runs_on_above_and_below() -> None:
    assert cells(400) == [2, 3] * 3


def test_a_row_is_not_parted_at_dashes() -> None:
    assert len(cells(8)) == 3


def test_letters_that_a_stroke_has_joined_are_not_cut_off() -> None:
    assert len(cells(400, arm_px=9)) < len(cells(400))
