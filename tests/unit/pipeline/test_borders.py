"""Borders of ornaments around a page's text are not read; frames of rules are none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from ocrq.types import PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.borders import find_borders
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.run import process_page
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
FAKE = load_engine("tests.engines.fake:make_engine")
TITLE = ["The Songs of Old", "newly revised and enlarged", "with a sketch of their authors"]
LEFT, TOP, RIGHT, BOTTOM = 120, 120, 1080, 1180
LETTER_PX = 24.0


def title_page(border: str, *, heading: str = "") -> Gray:
    """A title within a border, and a line close above it."""
    image = Image.new("L", (1200, 1300), 255)
    draw = ImageDraw.Draw(image)
    font = built_in_font(44)
    for n, line in enumerate(TITLE * 2):
        draw.text((600, 300 + 120 * n), line, fill=0, font=font, anchor="ms")
    draw.text((600, TOP - 10), heading, fill=0, font=font, anchor="ms")
    if border == "flowers":
        for x in range(LEFT, RIGHT + 1, 40):
            flower(draw, x, TOP + 20)
            flower(draw, x, BOTTOM - 20)
        for y in range(TOP + 60, BOTTOM - 20, 40):
            flower(draw, LEFT, y)
            flower(draw, RIGHT, y)
    for inset in {"rule": (0,), "rules": (0, 14), "flowers": ()}[border]:
        box = (LEFT + inset, TOP + inset, RIGHT - inset, BOTTOM - inset)
        draw.rectangle(box, outline=0, width=3)
    return np.array(image)


def flower(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Four petals around a point, as high as a capital."""
    for off_x, off_y in ((-9, 0), (9, 0), (0, -9), (0, 9)):
        draw.ellipse((x + off_x - 7, y + off_y - 7, x + off_x + 7, y + off_y + 7), outline=0)
    draw.line((x - 15, y - 15, x - 9, y - 9), fill=0, width=3)


def read(gray: Gray) -> PageResult:
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(), FAKE)


def text_of(gray: Gray) -> npt.NDArray[np.bool_]:
    """The ink within the border."""
    ink = binarize(gray)
    ink[: TOP + 45] = ink[BOTTOM - 45 :] = False
    ink[:, : LEFT + 25] = ink[:, RIGHT - 25 :] = False
    return ink


def test_a_border_of_flowers_is_found_and_its_text_is_not() -> None:
    gray = title_page("flowers")
    found = find_borders(binarize(gray), LETTER_PX)
    assert found is not None
    assert not (found & text_of(gray)).any()
    assert found.sum() > 0.95 * (binarize(gray) & ~text_of(gray)).sum()


def test_lines_within_a_border_are_its_text() -> None:
    result = read(title_page("flowers"))
    assert len(result.lines) == 2 * len(TITLE)
    assert all(LEFT + 30 < line.box.x0_px < line.box.x1_px < RIGHT - 30 for line in result.lines)
    assert "border" in result.elapsed_s


@pytest.mark.parametrize("border", ["rule", "rules"])
@pytest.mark.parametrize("heading", ["", "What stands close above a frame"])
def test_a_frame_of_rules_is_no_border(border: str, heading: str) -> None:
    assert find_borders(binarize(title_page(border, heading=heading)), LETTER_PX) is None


def test_a_border_with_an_open_side_is_none() -> None:
    gray = title_page("flowers")
    gray[TOP + 200 : TOP + 500, : LEFT + 40] = 255
    assert find_borders(binarize(gray), LETTER_PX) is None


@pytest.mark.parametrize("shape", [(1, 1), (40, 3000), (300, 300)])
def test_noise_and_small_pages_have_none(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(3).random(shape) < 0.3
    assert find_borders(ink, 5.0) is None
