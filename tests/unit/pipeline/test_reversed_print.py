from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.binarize import binarize
from pipeline.clean import clean_page
from pipeline.deskew import rotate_gray
from pipeline.image import GrayImage
from pipeline.reversed_print import turn_reversed
from tests.drawing import built_in_font, make_page
from tests.unit.pipeline.test_binarize import agreement, photographed

DPI = 150
Box = tuple[int, int, int, int]  # left, top, right, bottom


def two_prints(
    box: Box = (60, 100, 690, 170),
    text: str = "TOTAL TO BE PAID 12.45",
    *,
    size_px: int = 30,
    fill: float = 1.0,
    radius_px: int = 0,
) -> tuple[GrayImage, GrayImage]:
    """A page with a band of light print, and the same with dark print and no band."""
    page = Image.fromarray(make_page("Some text above.\n\n\n\n\n\n\n\nAnd some below.", dpi=DPI))
    ImageDraw.Draw(page).text((box[0] + 14, box[1] + 14), text, 0, built_in_font(size_px))
    dark = page.copy()
    band = page.crop(box).point([round(255 - v * fill) for v in range(256)])
    shape = Image.new("L", band.size, 0)
    corners = (0, 0, band.width - 1, band.height - 1)
    ImageDraw.Draw(shape).rounded_rectangle(corners, radius_px, fill=255)
    page.paste(band, box[:2], shape)
    return np.asarray(page).copy(), np.asarray(dark).copy()


def noisy(page: GrayImage, sigma: float = 4.0) -> GrayImage:
    noise = np.random.default_rng(1).normal(0.0, sigma, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("fill", [1.0, 0.7, 0.4])
@pytest.mark.parametrize("radius_px", [0, 20])
def test_a_band_becomes_dark_print(fill: float, radius_px: int) -> None:
    page, dark = two_prints(fill=fill, radius_px=radius_px)
    found = binarize(clean_page(noisy(page)))
    assert agreement(found, dark < 128) > 0.9


def test_without_it_the_band_is_lost() -> None:
    page, dark = two_prints()
    assert agreement(binarize(page), dark < 128) < 0.5


def test_what_lies_outside_of_the_band_stays() -> None:
    page, _ = two_prints()
    turned = turn_reversed(page)
    np.testing.assert_array_equal(turned[:95], page[:95])
    np.testing.assert_array_equal(turned[175:], page[175:])


def test_the_input_is_not_changed() -> None:
    page, _ = two_prints()
    copy = page.copy()
    assert turn_reversed(page) is not page
    np.testing.assert_array_equal(page, copy)


def test_a_band_of_a_bilevel_page() -> None:
    page, dark = two_prints()
    bilevel = np.where(page < 128, 0, 255).astype(np.uint8)
    assert agreement(binarize(clean_page(bilevel)), dark < 128) > 0.9


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_band_of_a_page_that_lies_otherwise(turn: int) -> None:
    page, dark = two_prints()
    found = binarize(clean_page(np.ascontiguousarray(np.rot90(page, turn))))
    assert agreement(found, np.rot90(dark, turn) < 128) > 0.9


@pytest.mark.parametrize("angle_deg", [-6.0, 3.0])
def test_a_band_that_slopes(angle_deg: float) -> None:
    page, dark = two_prints()
    found = binarize(clean_page(rotate_gray(page, angle_deg)))
    assert agreement(found, rotate_gray(dark, angle_deg) < 128) > 0.8


def test_a_band_in_uneven_light() -> None:
    page, dark = two_prints()
    found = binarize(clean_page(photographed(page)))
    assert agreement(found, dark < 128) > 0.8


def test_a_band_of_a_negative_page() -> None:
    page, dark = two_prints()
    more = make_page(["Some more text of the page."] * 12, size_in=(5.0, 4.0))
    page, dark = np.vstack([page, more]), np.vstack([dark, more])
    assert agreement(binarize(clean_page(np.bitwise_not(page))), dark < 128) > 0.9


def test_holes_in_the_ink_are_no_specks_afterwards_and_full_stops_stay() -> None:
    page, dark = two_prints(text="No. 4. Sum 9.50.")
    rng = np.random.default_rng(3)
    for x, y in zip(rng.integers(420, 680, 40), rng.integers(105, 165, 40), strict=True):
        page[y : y + 2, x : x + 2] = 255
    found = binarize(turn_reversed(page))
    assert agreement(found, dark < 128) > 0.9
    assert not found[105:165, 430:680].any()


def test_black_bars_stay() -> None:
    page = make_page("Some text above.", dpi=DPI)
    page[150:200, 60:600] = 0
    assert turn_reversed(page) is page


def test_the_bed_of_a_scanner_stays() -> None:
    page = np.pad(make_page(dpi=200), 150, constant_values=20)
    assert turn_reversed(page) is page


@pytest.mark.parametrize("seed", range(4))
def test_photographs_stay(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tones = np.full((240, 400), 110.0, np.float32)
    for cells, depth in ((3, 60.0), (9, 35.0), (30, 25.0)):
        coarse = rng.normal(0, depth, (cells, cells)).astype(np.float32)
        tones += cv2.resize(coarse, (400, 240), interpolation=cv2.INTER_CUBIC)
    page = make_page("Some text above.", dpi=DPI)
    page[150:390, 60:460] = np.clip(tones, 0, 255).astype(np.uint8)
    assert turn_reversed(page) is page


@pytest.mark.parametrize("seed", range(4))
def test_lights_in_the_dark_of_a_picture_stay(seed: int) -> None:
    rng = np.random.default_rng(seed)
    page = make_page("Some text above.", dpi=DPI)
    picture = np.zeros((240, 400), np.uint8)
    for _ in range(40):
        middle = (int(rng.integers(20, 380)), int(rng.integers(20, 220)))
        axes = (int(rng.integers(2, 24)), int(rng.integers(2, 24)))
        cv2.ellipse(picture, middle, axes, float(rng.uniform(0, 180)), 0, 360, 255, cv2.FILLED)
    page[150:390, 60:460] = picture
    assert turn_reversed(page) is page


def test_heavy_letters_that_touch_are_no_band() -> None:
    page = make_page(["A moon over good roofs", "totally again"], dpi=DPI, size_pt=14)
    heavy = cv2.erode(page, np.ones((5, 5), np.uint8))
    assert turn_reversed(np.asarray(heavy, np.uint8)) is heavy


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (8, 8), (5000, 3)])
def test_pages_without_room(shape: tuple[int, int]) -> None:
    for tone in (0, 255):
        page = np.full(shape, tone, np.uint8)
        assert turn_reversed(page) is page


@settings(max_examples=25, deadline=None)
@given(
    left=st.integers(0, 150),
    top=st.integers(100, 200),
    size_px=st.integers(22, 44),
    fill=st.floats(0.4, 1.0),
    text=st.text("ABDEHKMNRSTU23456789", min_size=4, max_size=12),
)
def test_a_band_anywhere(left: int, top: int, size_px: int, fill: float, text: str) -> None:
    width = min(40 + round(0.9 * size_px * len(text)), 740 - left)
    box = (left, top, left + width, top + round(1.3 * size_px) + 28)
    page, dark = two_prints(box, text, size_px=size_px, fill=fill)
    turned = turn_reversed(page)
    assert agreement(binarize(turned), dark < 128) > 0.8
    changed: npt.NDArray[np.bool_] = turned != page
    y, x = np.nonzero(changed)
    assert box[0] - 2 <= x.min() and x.max() <= box[2] + 1
    assert box[1] - 2 <= y.min() and y.max() <= box[3] + 1


def test_a_band_that_a_grid_hangs_on_becomes_dark_print() -> None:
    box = (60, 100, 690, 150)
    page, dark = two_prints(box, size_px=24)
    for picture in (page, dark):
        for y in (150, 190, 230, 270):
            picture[y : y + 3, 60:690] = 0
        for x in (60, 250, 470, 687):
            picture[150:270, x : x + 3] = 0
    inside = np.s_[104:146, 64:686]
    found = binarize(clean_page(noisy(page)))
    assert agreement(found[inside], (dark < 128)[inside]) > 0.9
