"""Imaging on turned, padded, inverted and hostile pages."""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pipeline.binarize import binarize
from pipeline.clean import clahe, clean_background, clean_page
from pipeline.deskew import MAX_SKEW_DEG, estimate_skew, rotate_gray
from pipeline.negative import is_negative
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.quality import measure_quality
from pipeline.rotation import Rotation
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]

LINES = (
    "When the scan came in it lay a little askew,",
    "as old pages do, and had a fold in the middle.",
    "Nobody had typed a line of it for eighty years;",
    "the boxes stood in the cellar, dry and dark.",
)


@lru_cache(maxsize=1)
def text_page() -> Gray:
    return make_page(LINES * 3, dpi=130, size_in=(5.0, 4.0))


def check_all(page: Gray) -> None:
    """The whole way of a page, with its promises, and without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cleaned = clean_page(page)
        assert cleaned.shape == page.shape and cleaned.dtype == np.uint8
        assert clahe(page).shape == clean_background(page).shape == page.shape
        for method in ("sauvola", "otsu"):
            ink = binarize(cleaned, method)
            assert ink.shape == page.shape and ink.dtype == np.bool_
            quality = measure_quality(page, ink)
            assert 0.0 <= quality.sharpness <= 1.0
            assert 0.0 <= quality.contrast <= 1.0
            assert 0.0 <= quality.ink <= 1.0
            orientation = estimate_orientation(ink)
            assert orientation.rotation_deg in (0, 90, 180, 270)
            assert 0.0 <= orientation.confidence <= 1.0
            skew = estimate_skew(ink)
            assert abs(skew.skew_deg) <= MAX_SKEW_DEG + 1.0
            assert 0.0 <= skew.confidence <= 1.0
            rotate_gray(page, -skew.skew_deg)


@settings(max_examples=30)
@given(angle_deg=st.floats(-15, 15), paper=st.integers(120, 255))
def test_skew_follows_the_turn(angle_deg: float, paper: int) -> None:
    page = np.maximum(text_page(), 0) // np.uint8(1)
    page = (page * (paper / 255)).astype(np.uint8)
    before = estimate_skew(binarize(page)).skew_deg
    after = estimate_skew(binarize(rotate_gray(page, angle_deg))).skew_deg
    assert after - before == pytest.approx(angle_deg, abs=0.2)


@settings(max_examples=25)
@given(pad=st.tuples(*[st.integers(0, 200)] * 4), skew_deg=st.floats(-10, 10))
def test_white_margins_change_nothing(pad: tuple[int, int, int, int], skew_deg: float) -> None:
    page = rotate_gray(text_page(), skew_deg)
    top, bottom, left, right = pad
    wide = np.pad(page, ((top, bottom), (left, right)), constant_values=255)
    ink, wide_ink = binarize(page, "otsu"), binarize(wide, "otsu")
    found, found_wide = estimate_skew(ink), estimate_skew(wide_ink)
    assert found.skew_deg == pytest.approx(found_wide.skew_deg, abs=0.2)
    assert estimate_orientation(ink).rotation_deg == estimate_orientation(wide_ink).rotation_deg
    quality, wide_quality = measure_quality(page, ink), measure_quality(wide, wide_ink)
    assert quality.ink * page.size == pytest.approx(wide_quality.ink * wide.size, rel=0.02)
    assert quality.is_blank == wide_quality.is_blank


@settings(max_examples=20)
@given(skew_deg=st.floats(-8, 8), turned_deg=st.sampled_from([0, 90, 180, 270]))
def test_a_negative_is_the_same_page(skew_deg: float, turned_deg: int) -> None:
    page = rotate_quarter(rotate_gray(text_page(), skew_deg), turned_deg)
    assert not is_negative(page)
    assert is_negative(255 - page)
    np.testing.assert_array_equal(clean_page(255 - page), clean_page(page))
    found = estimate_orientation(binarize(clean_page(255 - page)))
    assert (found.rotation_deg + turned_deg) % 360 == 0


@settings(max_examples=300)
@given(
    size=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    angle_deg=st.floats(-45, 45),
    where=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5),
)
def test_points_go_there_and_back(
    size: tuple[int, int], angle_deg: float, where: list[tuple[float, float]]
) -> None:
    rotation = Rotation.of(*size, angle_deg)
    points = np.array(where) * size
    there = rotation.to_deskewed_points(points)
    assert (there >= -0.01).all()
    assert (there <= np.array(rotation.target_size) + 0.01).all()
    np.testing.assert_allclose(rotation.to_upright_points(there), points, atol=1e-6)


@settings(max_examples=300)
@given(
    size=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    angle_deg=st.floats(-20, 20),
    corner=st.tuples(st.integers(-50, 4500), st.integers(-50, 4500)),
    extent=st.tuples(st.integers(1, 400), st.integers(1, 400)),
)
def test_boxes_stay_inside_the_page(
    size: tuple[int, int], angle_deg: float, corner: tuple[int, int], extent: tuple[int, int]
) -> None:
    (x, y), (width, height) = corner, extent
    box = Rotation.of(*size, angle_deg).box_to_upright(x, y, x + width, y + height)
    assert box.x1_px <= size[0]
    assert box.y1_px <= size[1]


@settings(max_examples=100)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60)))
def test_any_small_picture(page: Gray) -> None:
    check_all(page)


NOISE = np.random.default_rng(7)


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((700, 500), np.uint8),
        np.full((700, 500), 255, np.uint8),
        np.full((700, 500), 17, np.uint8),
        NOISE.integers(0, 256, (900, 700), dtype=np.uint8),
        NOISE.choice(np.array([0, 255], np.uint8), (900, 700)),
        NOISE.integers(0, 256, (1, 9000), dtype=np.uint8),
        NOISE.integers(0, 256, (9000, 1), dtype=np.uint8),
        NOISE.choice(np.array([0, 255], np.uint8), (7, 20_000)),
        np.zeros((1, 1), np.uint8),
        np.eye(800, dtype=np.uint8) * np.uint8(255),
        np.tile(np.array([[0, 255], [255, 0]], np.uint8), (300, 300)),
    ],
    ids=[
        "black",
        "white",
        "dark",
        "noise",
        "bits",
        "row",
        "column",
        "strip",
        "dot",
        "diagonal",
        "chequers",
    ],
)
def test_hostile_pages(page: Gray) -> None:
    check_all(page)
