from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.binarize import below, binarize, find_levels
from pipeline.clean import clean_page
from pipeline.deskew import MIN_CONFIDENCE, estimate_skew, rotate_gray, rotate_levels
from pipeline.marks import reduce_ink
from pipeline.rotation import Rotation
from tests.drawing import make_page

TEXT = "\n".join(
    ["The pages of old books are brown, ", " many of them slope a little."]
    + ["Forms have rows of numbers: 17, 230, 4051.", "", "A last line, quite short."] * 3
)


@pytest.mark.parametrize("angle_deg", [-15.0, -7.3, -1.0, -0.2, 0.4, 3.0, 11.8, 15.0])
@pytest.mark.parametrize("dpi", [100, 300])
def test_the_slope_of_a_turned_page_is_the_turn(angle_deg: float, dpi: int) -> None:
    page = make_page(TEXT, dpi=dpi, size_in=(6.0, 4.0))
    before = estimate_skew(binarize(page)).skew_deg
    after = estimate_skew(binarize(rotate_gray(page, angle_deg)))
    assert after.skew_deg - before == pytest.approx(angle_deg, abs=0.2)
    assert after.confidence > MIN_CONFIDENCE


@pytest.mark.parametrize("angle_deg", [-13.0, -6.4, -2.1, 1.3, 4.9, 9.5, 14.2])
def test_lines_that_slope_in_two_ways_have_the_slope_between_however_they_are_turned(
    angle_deg: float,
) -> None:
    page = make_page("\n".join([TEXT, TEXT]), dpi=150, size_in=(6.0, 7.0))
    half = len(page) // 2
    both = np.vstack([rotate_gray(page[:half], -0.3)[:half], rotate_gray(page[half:], 0.3)[:half]])
    before = estimate_skew(binarize(both)).skew_deg
    after = estimate_skew(binarize(rotate_gray(both, angle_deg))).skew_deg
    assert abs(before) < 0.2
    assert after - before == pytest.approx(angle_deg, abs=0.15)


def test_positive_is_downhill_to_the_right() -> None:
    assert estimate_skew(binarize(make_page(TEXT, skew_deg=2.0))).skew_deg > 1.5


def test_turning_back_makes_the_page_level() -> None:
    page = make_page(TEXT, skew_deg=4.0, dpi=200)
    level = rotate_gray(page, -estimate_skew(binarize(page)).skew_deg)
    assert abs(estimate_skew(binarize(level)).skew_deg) < 0.1


def test_reduced_ink_gives_the_same_answer() -> None:
    ink = binarize(make_page(TEXT, skew_deg=4.0, dpi=300, size_in=(8.0, 10.0)))
    assert reduce_ink(ink).shape[0] < ink.shape[0]
    assert estimate_skew(reduce_ink(ink)) == estimate_skew(ink)


def test_light_text_on_dark_ground_has_the_same_slope() -> None:
    ink = binarize(make_page(TEXT, skew_deg=3.0))
    assert estimate_skew(~ink).skew_deg == pytest.approx(estimate_skew(ink).skew_deg, abs=0.1)


def _scattered() -> np.ndarray:
    page = Image.new("L", (1200, 1600), 255)
    pen = ImageDraw.Draw(page)
    rng = np.random.default_rng(5)
    for x, y in rng.integers(50, 1100, (300, 2)):
        pen.ellipse((x, y, x + 14, y + 18), outline=0, width=3)
    return np.asarray(page)


@pytest.mark.parametrize(
    "page",
    [
        np.full((800, 600), 255, np.uint8),
        np.zeros((800, 600), np.uint8),
        _scattered(),
        make_page("I", dpi=100),
        np.full((1, 5000), 255, np.uint8),
    ],
    ids=["white", "black", "scattered", "one letter", "a pixel high"],
)
def test_without_evidence_a_page_is_not_turned(page: np.ndarray) -> None:
    skew = estimate_skew(binarize(page))
    assert skew.skew_deg == 0.0
    assert skew.confidence < MIN_CONFIDENCE


def test_new_corners_have_the_tone_of_the_paper() -> None:
    turned = rotate_gray(make_page(TEXT, paper=120), 10.0)
    assert turned[0, 0] == turned[-1, -1] == 120


@pytest.mark.parametrize("angle_deg", [-4.0, 0.7])
def test_thresholds_turn_with_their_page(angle_deg: float) -> None:
    page = make_page(TEXT, dpi=300, size_in=(8.0, 10.0), ink=60, paper=200)
    shade = np.linspace(0.6, 1.0, page.shape[1])
    page = clean_page((page * shade).astype(np.uint8))
    turned = rotate_gray(page, angle_deg)
    rotation = Rotation.of(page.shape[1], page.shape[0], angle_deg)
    kept = below(turned, rotate_levels(find_levels(page), rotation))
    anew = binarize(turned)
    shared = np.count_nonzero(kept & anew)
    assert 2 * shared > 0.96 * (np.count_nonzero(kept) + np.count_nonzero(anew))


def test_thresholds_of_a_page_that_is_level_stay() -> None:
    levels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert rotate_levels(levels, Rotation.of(40, 30, 0.0)) is levels
    turned = rotate_levels(levels, Rotation.of(40, 30, 90.0))
    np.testing.assert_array_equal(turned, np.rot90(levels, -1))
