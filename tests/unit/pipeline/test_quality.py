from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.binarize import binarize
from pipeline.quality import is_blank, measure_quality
from tests.drawing import make_page

TEXT = "Sharp or soft,\nblack or pale."


def test_a_bilevel_page_is_sharp_and_has_all_contrast() -> None:
    page = np.where(make_page(TEXT) < 128, 0, 255).astype(np.uint8)
    quality = measure_quality(page, page == 0)
    assert (quality.sharpness, quality.contrast) == (1.0, 1.0)
    assert quality.ink == pytest.approx((page == 0).mean())
    assert not quality.is_blank


def test_blur_lowers_sharpness_steadily() -> None:
    page = make_page(TEXT, dpi=300)
    found = []
    for sigma_px in (0.5, 1.0, 2.0, 4.0):
        soft = np.asarray(cv2.GaussianBlur(page, (0, 0), sigma_px), np.uint8)
        found.append(measure_quality(soft, binarize(soft)).sharpness)
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.4 > 0.15 > found[-1]


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (100, 200), (60, 120)])
def test_contrast_is_paper_minus_ink(ink: int, paper: int) -> None:
    page = make_page(TEXT, dpi=300, ink=ink, paper=paper)
    assert measure_quality(page, binarize(page)).contrast == pytest.approx(
        (paper - ink) / 255, abs=0.06
    )


def test_a_negative_has_the_quality_of_its_positive() -> None:
    page = make_page(TEXT, dpi=200, ink=40)
    ink = binarize(page)
    assert measure_quality(255 - page, ink) == measure_quality(page, ink)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_page_of_one_tone_is_blank(tone: int) -> None:
    page = np.full((300, 200), tone, np.uint8)
    quality = measure_quality(page, binarize(page))
    assert quality.is_blank
    assert (quality.sharpness, quality.contrast, quality.ink) == (0.0, 0.0, 0.0)


def test_a_page_number_is_not_blank() -> None:
    page = make_page("7", dpi=100, size_pt=10, size_in=(8.3, 11.7), margin_in=1.0)
    assert not is_blank(binarize(page))


def test_a_line_on_a_very_long_strip_is_not_blank() -> None:
    strip = make_page("No. 17", dpi=300, size_in=(100.0, 2.0), size_pt=10)
    assert strip.shape[1] == 30_000
    assert not is_blank(binarize(strip))


def test_dust_and_edges_are_blank() -> None:
    ink = np.zeros((1170, 830), np.bool_)
    rng = np.random.default_rng(4)
    ink[rng.integers(0, 1170, 200), rng.integers(0, 830, 200)] = True
    ink[:, :4] = True  # the shadow of the edge
    ink[1160:1164, 300:310] = True  # a staple
    assert is_blank(ink)


def test_all_ink_is_blank() -> None:
    assert is_blank(np.ones((300, 200), np.bool_))


@pytest.mark.parametrize("sigma", [2.0, 5.0, 10.0])
def test_noise_is_the_deviation_of_the_paper(sigma: float) -> None:
    rng = np.random.default_rng(3)
    clean = make_page(TEXT, dpi=200, ink=30, paper=220).astype(np.float64)
    page = np.clip(np.rint(clean + rng.normal(0, sigma, clean.shape)), 0, 255).astype(np.uint8)
    found = measure_quality(page, binarize(page)).noise
    assert found == pytest.approx(sigma / 255, rel=0.1)


def test_clean_pages_and_empty_ones_have_no_noise() -> None:
    for page in (make_page(TEXT), np.full((99, 99), 255, np.uint8), np.zeros((9, 9), np.uint8)):
        assert measure_quality(page, page < 128).noise == pytest.approx(0.0, abs=0.004)
