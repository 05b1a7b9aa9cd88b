"""Staves of music go, with all that hangs on them; the words between them stay."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from ocrq.types import Box, PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.placed import Placed
from pipeline.rotation import Rotation
from pipeline.run import process_page
from pipeline.staff_removal import remove_staves
from pipeline.staff_words import holds_words
from pipeline.staves import find_staves
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
FAKE = load_engine("tests.engines.fake:make_engine")
VERSES = [
    "1. Come let us   join in songs",
    "2. Go and be   glad to sing",
    "3. The day is   near at hand",
]
SPACE = 20  # px between lines
SIZE = (1400, 1300)


def songbook(verses: list[str] = VERSES, *, bend_px: float = 0.0, music: bool = True) -> Gray:
    """Two systems of two staves with verses between them, which rise and fall by `bend_px`."""
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    font = built_in_font(38)
    draw.text((500, 40), "The song of songs", fill=0, font=built_in_font(46))
    for top in (160, 720):
        for n, verse in enumerate(verses):
            before, _, behind = verse.partition("   ")
            draw.text((180, top + 130 + 44 * n), before, fill=0, font=font)
            draw.text((760, top + 130 + 44 * n), behind, fill=0, font=font)
        for y in (top, top + 370) if music else ():
            staff(draw, y)
    gray = np.array(image)
    if bend_px:
        x = np.arange(SIZE[0])
        off = np.round(bend_px * np.sin(x / SIZE[0] * math.pi)).astype(np.intp)
        rows = np.clip(np.arange(SIZE[1])[:, np.newaxis] - off, 0, SIZE[1] - 1)
        gray = gray[rows, x]
    return gray


def staff(draw: ImageDraw.ImageDraw, top: int, left: int = 120, right: int = 1280) -> None:
    """Five lines with bars and notes on and around them, one of them on a ledger line."""
    for n in range(5):
        draw.line((left, top + n * SPACE, right, top + n * SPACE), fill=0, width=2)
    for x in (left, 500, 880, right):
        draw.line((x, top, x, top + 4 * SPACE), fill=0, width=3)
    for k, x in enumerate(range(left + 90, right - 60, 70)):
        y = top + (k * 3 % 9) * SPACE // 2
        draw.ellipse((x - 13, y - 9, x + 13, y + 9), fill=0)
        draw.line((x + 12, y, x + 12, y - 55), fill=0, width=3)
        draw.line((x + 12, y - 55, x + 26, y - 30), fill=0, width=4)
    draw.line((left + 40, top + 5 * SPACE, left + 80, top + 5 * SPACE), fill=0, width=2)
    draw.ellipse((left + 47, top + 5 * SPACE - 9, left + 73, top + 5 * SPACE + 9), fill=0)


def table(rows: list[str], space_px: int, *, lines: int = 5, size_px: float = 26) -> Gray:
    """Level rules with words between them."""
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    for n in range(lines):
        draw.line((120, 300 + n * space_px, 1280, 300 + n * space_px), fill=0, width=2)
    for n, row in enumerate(rows):
        y = 300 + n * space_px + space_px // 2
        draw.text((140, y), row, fill=0, font=built_in_font(size_px), anchor="lm")
    return np.array(image)


def read(gray: Gray, *, remove_rules: bool = True) -> PageResult:
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(remove_rules=remove_rules), FAKE)


@pytest.mark.parametrize("bend_px", [0.0, 12.0, -12.0])
def test_only_words_are_left_of_a_songbook(bend_px: float) -> None:
    page, words = (binarize(songbook(bend_px=bend_px, music=music)) for music in (True, False))
    found = remove_staves(songbook(bend_px=bend_px), page, 28.0)
    assert found is not None
    gray, ink, places = found
    assert len(places) == 4
    assert (words & ~ink).sum() == 0
    assert (ink & ~words).sum() < 0.02 * (page & ~words).sum()
    assert not (binarize(gray) & ~words)[140:260].sum() > 0.02 * (page & ~words).sum()


def test_lines_of_a_songbook_are_its_words() -> None:
    result = read(songbook())
    assert "staves" in result.elapsed_s
    assert len(result.lines) == len(read(songbook(music=False)).lines) == 1 + 2 * len(VERSES)
    assert "staves" not in read(songbook(), remove_rules=False).elapsed_s
    assert "staves" not in read(songbook(music=False)).elapsed_s


def test_white_below_the_same_notes_is_no_gutter() -> None:
    """Words of all verses stand below their notes, so that white is above white."""
    verses = [f"{n}. many words that are sung   and more of them here" for n in (1, 2, 3, 4)]
    boxes = [line.box for line in read(songbook(verses)).lines[1:]]
    assert len(boxes) == 8
    assert all(box.x0_px < 250 and box.x1_px > 1000 for box in boxes)


def test_worn_and_sloping_staves_are_found() -> None:
    gray = songbook(bend_px=20.0)
    gray[:, ::37] = gray[:, 1::37] = 255
    gray[:, 700:716] = 255
    staves = find_staves(binarize(gray), 28.0)
    assert [round(float(s.top[700])) for s in staves] == pytest.approx([180, 550, 740, 1110], abs=3)
    assert [float(np.median(s.space)) for s in staves] == pytest.approx([SPACE] * 4, abs=0.5)


@pytest.mark.parametrize("lines", [4, 6, 9])
def test_other_numbers_of_rules_are_no_staff(lines: int) -> None:
    assert find_staves(binarize(table([], 30, lines=lines)), 20.0) == []


@pytest.mark.parametrize("space_px", [27, 30, 36])
def test_words_between_five_rules_are_of_a_table(space_px: int) -> None:
    rows = ["PACK MY JIG 12.50 FIVE", "the quick brown fox 3.20", "jumps over it", "and so on"]
    gray = table(rows, space_px)
    ink = binarize(gray)
    staves = find_staves(ink, 20.0)
    assert len(staves) == 1
    assert holds_words(ink, staves[0], 20.0)
    assert remove_staves(gray, ink, 20.0) is None


def test_words_beside_a_staff_stay() -> None:
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    staff(draw, 300, left=520)
    for n in range(5):
        draw.text((300, 290 + n * SPACE), "Line of it", fill=0, font=built_in_font(20))
    gray = np.array(image)
    found = remove_staves(gray, binarize(gray), 14.0)
    assert found is not None
    assert (binarize(gray) & ~found[1])[:, :480].sum() == 0


def test_boxes_of_the_upright_page_are_found_on_the_level_one() -> None:
    rotation = Rotation.of(1000, 1400, -2.0)
    boxes = [Box(x0_px=100, y0_px=200, x1_px=900, y1_px=260)]
    (placed,) = Placed.from_upright(boxes, rotation, 1)
    ends = rotation.to_upright_points([(placed.x0, placed.y0), (placed.x1, placed.y1)])
    np.testing.assert_allclose(ends, [(100, 200), (900, 260)], atol=0.5)
