"""Photographs are found on the scan, whatever press printed them; text on a dark ground is none."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import Box, PageOptions, PageResult, RegionKind
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.photographs import find_dark, scan_tones
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import built_in_font, make_page
from training.pagegen.scenes import Press, draw_scene, print_tones

Gray = npt.NDArray[np.uint8]
DPI, LETTER_PX = 200, 20.0
LINES = [f"line {k} of the words that stand on this page" for k in range(30)]
BOX = Box(x0_px=200, y0_px=900, x1_px=800, y1_px=1300)  # below the text


def text_page(*, paper: int = 255) -> Gray:
    return make_page(LINES[:13], dpi=DPI, size_in=(6.0, 8.0), paper=paper)


def with_picture(press: Press, *, seed: int = 1, box: Box = BOX, paper: int = 255) -> Gray:
    page = text_page(paper=paper)
    rng = np.random.default_rng(seed)
    tones = draw_scene(rng, box.height_px, box.width_px)
    printed = print_tones(tones, press, DPI, rng)
    place = page[box.y0_px : box.y1_px, box.x0_px : box.x1_px]
    np.minimum(place, printed, out=place)
    return page


def dark_boxes(page: Gray) -> list[Box]:
    height, width = page.shape
    mapping = Rotation.of(width, height, 0.0)
    found = find_dark(scan_tones(page, LETTER_PX), LETTER_PX, mapping, (width, height))
    return [
        Box(x0_px=round(p.x0), y0_px=round(p.y0), x1_px=round(p.x1), y1_px=round(p.y1))
        for p in found
    ]


def read(page: Gray) -> PageResult:
    height, width = page.shape
    image = PageImage(gray=page, dpi=DPI, dpi_is_estimated=False, scan_size_px=(width, height))
    return process_page(image, PageOptions(), load_engine("tests.engines.fake:make_engine"))


def alike(a: Box, b: Box) -> float:
    """Share of what two boxes cover that both cover."""
    x = max(0, min(a.x1_px, b.x1_px) - max(a.x0_px, b.x0_px))
    y = max(0, min(a.y1_px, b.y1_px) - max(a.y0_px, b.y0_px))
    both = a.width_px * a.height_px + b.width_px * b.height_px - x * y
    return x * y / both


@pytest.mark.parametrize("press", list(Press))
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("paper", [255, 190])
def test_a_photograph_is_found_whatever_press_printed_it(
    press: Press, seed: int, paper: int
) -> None:
    (found,) = dark_boxes(with_picture(press, seed=seed, paper=paper))

    assert alike(found, BOX) >= 0.8


@pytest.mark.parametrize("press", list(Press))
def test_a_page_with_a_photograph_keeps_its_lines_and_gets_none_from_it(press: Press) -> None:
    page = with_picture(press, seed=4)

    result = read(page)

    pictures = [r.box for r in result.regions if r.kind is RegionKind.PICTURE]
    assert [alike(box, BOX) >= 0.8 for box in pictures] == [True]
    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside]
    assert len(lines) == 13
    assert max(line.box.y1_px for line in lines) < BOX.y0_px


def test_text_alone_is_no_photograph_however_dark_its_paper_or_uneven_the_light() -> None:
    page = make_page(LINES, dpi=DPI, size_in=(6.0, 8.0))
    light = (
        np.linspace(0.5, 1.0, page.shape[1])[None, :] * np.linspace(1.0, 0.8, len(page))[:, None]
    )

    for lit in (page, text_page(paper=120), (page * light).astype(np.uint8)):
        assert dark_boxes(lit) == []


def test_a_tint_under_text_is_no_photograph() -> None:
    page = text_page()
    page[100:420, 60:1100] = np.minimum(page[100:420, 60:1100], 190)

    assert dark_boxes(page) == []


def test_a_photograph_that_a_copier_made_black_all_over_is_found() -> None:
    page = text_page()
    page[BOX.y0_px : BOX.y1_px, BOX.x0_px : BOX.x1_px] = 0
    cv2.line(page, (300, 1000), (500, 1020), 255, 4)

    (found,) = dark_boxes(page)

    assert alike(found, BOX) >= 0.8


def test_a_wedge_of_black_beside_a_crooked_sheet_is_no_photograph() -> None:
    page = np.pad(text_page(), ((200, 0), (0, 0)), constant_values=255)
    cv2.fillPoly(page, [np.array([(0, 0), (600, 0), (0, 400)], np.int32)], 0)

    assert dark_boxes(page) == []


@pytest.mark.parametrize("press", list(Press))
def test_a_photograph_that_runs_into_the_bed_of_the_scanner_is_found(press: Press) -> None:
    box = Box(x0_px=0, y0_px=900, x1_px=500, y1_px=1600)
    page = with_picture(press, box=box)
    page = np.pad(page, ((0, 200), (0, 60)))

    (found,) = dark_boxes(page)

    assert alike(found, box) >= 0.8


def test_ends_of_lines_in_the_box_of_a_photograph_without_a_frame_stay_text() -> None:
    page = np.full((1000, 1300), 255, np.uint8)
    text = make_page(LINES[:8], dpi=DPI, size_in=(4.0, 2.5), margin_in=0.1)
    page[60 : 60 + text.shape[0], 480 : 480 + text.shape[1]] = text
    tones = draw_scene(np.random.default_rng(2), 800, 560)
    printed = print_tones(tones, Press.GREY, DPI, np.random.default_rng(0))
    cv2.fillPoly(printed, [np.array([(330, 0), (560, 0), (560, 560)], np.int32)], 255)
    page[100:900, 0:560] = np.minimum(page[100:900, 0:560], printed)

    result = read(page)

    assert [r.kind for r in result.regions].count(RegionKind.PICTURE) == 1
    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside]
    assert [len(line.chars) for line in lines] == [34] * 8
    first_words = [line for line in result.lines if line.box.x0_px >= 490 and line.region in aside]
    assert first_words == []


def test_strokes_in_straight_rows_are_a_picture_where_no_white_is_between_them() -> None:
    page = text_page()
    page[BOX.y0_px : BOX.y1_px, BOX.x0_px : BOX.x1_px] = 200
    for n, y in enumerate(range(BOX.y0_px + 10, BOX.y1_px - 30, 22)):
        for x in range(BOX.x0_px + 10 + 7 * (n % 2), BOX.x1_px - 30, 22):
            page[y : y + 19, x : x + 14] = 40

    result = read(page)

    pictures = [r.box for r in result.regions if r.kind is RegionKind.PICTURE]
    assert [alike(box, BOX) >= 0.8 for box in pictures] == [True]


def test_a_table_that_a_sheet_lies_on_is_no_photograph() -> None:
    page = np.pad(text_page(), ((0, 0), (300, 300)))
    grain = np.random.default_rng(0).normal(60, 25, (16, 18)).astype(np.float32)
    table = cv2.resize(grain, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    dark = page < 1
    dark[:, 300:-300] = False
    page[dark] = np.clip(table[dark], 0, 140).astype(np.uint8)

    assert dark_boxes(page) == []


@pytest.mark.parametrize("press", list(Press))
@pytest.mark.parametrize("top_px", [900, 1100])
def test_a_photograph_may_reach_from_edge_to_edge_of_the_page(press: Press, top_px: int) -> None:
    box = Box(x0_px=0, y0_px=top_px, x1_px=1200, y1_px=top_px + 500)
    (found,) = dark_boxes(with_picture(press, box=box))

    assert alike(found, box) >= 0.8


@pytest.mark.parametrize("blur_px", [40, 160])
def test_a_shadow_from_edge_to_edge_is_no_photograph(blur_px: int) -> None:
    light = np.ones((1600, 1200), np.float32)
    light[700:] = 0.6
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), blur_px), np.float32)
    noise = np.random.default_rng(1).normal(0, 4, light.shape)
    page = np.clip(text_page() * light + noise, 0, 255).astype(np.uint8)

    assert dark_boxes(page) == []


def test_lines_in_a_shadow_stay_text() -> None:
    page = text_page()
    rng = np.random.default_rng(3)
    shade = cv2.resize(rng.uniform(0.5, 0.8, (5, 5)).astype(np.float32), (700, 460))
    page[150:610, 60:760] = (page[150:610, 60:760] * shade).astype(np.uint8)

    result = read(page)

    assert len(dark_boxes(page)) == 1
    texts = {r.number for r in result.regions if r.kind is RegionKind.TEXT}
    lines = [line for line in result.lines if line.region in texts and len(line.chars) > 20]
    assert len(lines) == 13
    assert not any(r.kind is RegionKind.PICTURE for r in result.regions)


def test_words_on_a_photograph_are_text_of_a_picture() -> None:
    page = with_picture(Press.GREY, seed=4)
    label = make_page("HARBOUR", dpi=DPI, size_in=(1.9, 0.5), margin_in=0.12, size_pt=16)
    page[1000 : 1000 + label.shape[0], 320 : 320 + label.shape[1]] = label

    result = read(page)

    kinds = {region.number: region.kind for region in result.regions}
    inside = [line for line in result.lines if line.box.y0_px > BOX.y0_px]
    assert {kinds[line.region] for line in inside} == {RegionKind.PICTURE_TEXT}
    centres = [(c.box.x0_px + c.box.x1_px) / 2 for line in inside for c in line.chars]
    ink = np.flatnonzero((label < 128).any(axis=0)) + 320
    assert sum(ink[0] <= x <= ink[-1] for x in centres) >= len("HARBOUR")


def test_columns_are_read_down_beside_a_photograph() -> None:
    """The text of the right column is too short to show the gutter without the photograph."""
    page = np.full((1500, 1300), 255, np.uint8)
    font_px = DPI * 12 / 72
    assert built_in_font(font_px).getlength(LINES[0][:28]) < 520
    left = make_page([w[:28] for w in LINES[:26]], dpi=DPI, size_in=(3.0, 7.4), margin_in=0.2)
    right = make_page([w[:28] for w in LINES[:4]], dpi=DPI, size_in=(3.0, 1.4), margin_in=0.2)
    page[: left.shape[0], 20 : 20 + left.shape[1]] = left
    page[1150 : 1150 + right.shape[0], 640 : 640 + right.shape[1]] = right
    tones = draw_scene(np.random.default_rng(2), 1050, 520)
    page[60:1110, 690:1210] = print_tones(tones, Press.GREY, DPI, np.random.default_rng(0))

    result = read(page)

    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside]
    assert len(lines) == 30
    assert all(line.box.x1_px < 670 for line in lines[:26])
    assert all(line.box.x0_px > 670 for line in lines[26:])


def test_the_fold_of_a_spread_is_found_beside_a_photograph_right_at_the_text() -> None:
    """Lines beside the photograph are no longer than those above it."""
    page = np.full((1500, 1400), 255, np.uint8)
    text = make_page([w[:26] for w in LINES[:26]], dpi=DPI, size_in=(2.3, 7.4), margin_in=0.1)
    for x in (280, 830):
        page[: text.shape[0], x : x + text.shape[1]] = text
    tones = draw_scene(np.random.default_rng(2), 400, 270)
    page[1000:1400, 0:270] = print_tones(tones, Press.GREY, DPI, np.random.default_rng(0))

    result = read(page)

    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside and len(line.chars) > 15]
    assert [line.box.x0_px > 700 for line in lines] == [False] * 26 + [True] * 26


@pytest.mark.parametrize("press", list(Press))
def test_two_photographs_that_touch_are_not_the_box_around_both(press: Press) -> None:
    """Columns beside the smaller one are no words of a picture, and are read one by one."""
    page, rng = np.full((1260, 1500), 255, np.uint8), np.random.default_rng(2)
    for x0, y0, x1, y1 in ((40, 40, 1460, 340), (545, 340, 925, 740)):
        page[y0:y1, x0:x1] = print_tones(draw_scene(rng, y1 - y0, x1 - x0), press, DPI, rng)
    starts = (40, 525, 1005)
    for x, y, count in zip(starts, (360, 780, 360), (17, 9, 17), strict=True):
        words = [w[:28] for w in LINES[:count]]
        text = make_page(words, dpi=DPI, size_in=(2.2, 0.25 * count), margin_in=0.1)
        page[y : y + text.shape[0], x : x + text.shape[1]] = text

    large, small = sorted(dark_boxes(page), key=lambda box: box.y0_px)
    result = read(page)

    assert alike(large, Box(x0_px=40, y0_px=40, x1_px=1460, y1_px=340)) >= 0.95
    assert alike(small, Box(x0_px=545, y0_px=340, x1_px=925, y1_px=740)) >= 0.9
    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside and len(line.chars) > 15]
    columns = [sum(line.box.x0_px > x + 5 for x in starts[1:]) for line in lines]
    assert columns == [0] * 17 + [1] * 9 + [2] * 17
