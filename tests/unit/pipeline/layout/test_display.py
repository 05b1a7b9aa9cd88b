"""Titles and initials far larger than the text are lines, large ink that is no letter is not."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from ocrq.types import PageOptions
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.page import Layout, find_layout
from pipeline.run import process_page
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
TEXT_PX, LEFT, PITCH = 32, 80, 44


def page(title: str = "", title_px: int = 0, initial_rows: int = 0) -> Gray:
    """A page of text below a title, or around an initial of so many rows."""
    image = Image.new("L", (1300, 1500), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(TEXT_PX)
    y = 80
    if title:
        pen.text((LEFT, y), title, font=built_in_font(title_px), fill=0)
        y += round(1.4 * title_px)
    width = 0
    if initial_rows:
        large = built_in_font(round(((initial_rows - 1) * PITCH + 0.7 * TEXT_PX) / 0.7))
        x0, y0, x1, _ = large.getbbox("E")
        pen.text((LEFT - x0, y + 8 - y0), "E", font=large, fill=0)
        width = round(x1 - x0) + 16
    for k in range(18):
        x = LEFT + (width if k < initial_rows else 0)
        pen.text((x, y + k * PITCH), "a line of words as they stand", font=font, fill=0)
    return np.asarray(image, np.uint8).copy()


def heights(layout: Layout) -> list[int]:
    """Of the rows, px, from the highest."""
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    found = layout.found
    return sorted((int(np.max(found.height[row.members])) for row in rows), reverse=True)


def test_small_text_has_no_large_letters() -> None:
    assert heights(find_layout(binarize(page())))[0] < 2 * TEXT_PX


@pytest.mark.parametrize("title_px", [160, 240])
def test_a_title_of_any_size_is_a_line_with_all_its_letters(title_px: int) -> None:
    layout = find_layout(binarize(page("Tide in", title_px)))
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    highest = max(rows, key=lambda row: row.height)
    assert len(highest.members) == len("Tidein") + 2  # the dots
    assert len(rows) == 19
    assert not layout.furniture.pictures


@pytest.mark.parametrize("initial_rows", [2, 3, 4, 6])
def test_an_initial_begins_the_first_of_the_rows_beside_it(initial_rows: int) -> None:
    layout = find_layout(binarize(page(initial_rows=initial_rows)))
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(rows) == 18
    first = min(rows, key=lambda row: row.top)
    assert [row for row in rows if row.initial] == [first]
    assert first.initial is not None
    assert first.initial.height > (initial_rows - 1) * PITCH


def test_a_word_is_read_with_its_initial() -> None:
    gray = page(initial_rows=4)
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(9, 9))
    result = process_page(image, PageOptions(), load_engine("tests.engines.fake:make_engine"))
    first = result.lines[0]
    # The fake engine reads a character for each piece of ink, and no space. Its first one is an
    # "a", which may be a word of its own.
    assert len(first.text.replace(" ", "")) == len(result.lines[1].chars) + 1
    assert first.chars[0].box.height_px > 3 * PITCH
    assert first.baseline[0][1] < first.chars[0].box.y1_px - 2 * PITCH


def test_a_large_drawing_is_no_line() -> None:
    gray = page()
    cv2.ellipse(gray, (900, 1200), (180, 130), 20, 0, 360, 0, 5)
    cv2.line(gray, (700, 1400), (1100, 1100), 0, 5)
    assert heights(find_layout(binarize(gray)))[0] < 2 * TEXT_PX


def test_a_column_in_the_box_of_large_spots_is_no_part_of_a_title() -> None:
    """Spots that step down the page form a row, and lines stand in its box."""
    gray = np.pad(page(), ((440, 0), (0, 0)), constant_values=255)
    rng = np.random.default_rng(0)
    for k in range(9):
        spot = (rng.random((150, 100)) < 0.3).astype(np.uint8)
        spot = np.asarray(cv2.dilate(spot, np.ones((2, 2), np.uint8)), np.uint8)
        spot[::30] = spot[:, ::30] = 1
        y, x = 60 + 72 * k, 60 + 112 * k
        gray[y : y + 150, x : x + 100][spot > 0] = 0

    rows = [row for p in find_layout(gray < 128).paragraphs for row in p.rows]

    assert sum(len(row.members) >= 18 for row in rows) == 18
