from __future__ import annotations

import numpy as np
import pytest

from pipeline.binarize import binarize
from pipeline.clean import clahe, clean_background, clean_page
from tests.drawing import make_page
from tests.unit.pipeline.test_binarize import agreement, photographed

TEXT = "\n".join(["A page of plain text, dark on light,", "with some lines of it."] * 4)


def test_a_bilevel_page_comes_back_untouched() -> None:
    page = np.where(make_page(TEXT) < 128, 0, 255).astype(np.uint8)
    assert clean_page(page) is page
    assert clean_background(page) is page


def test_white_paper_is_left_alone() -> None:
    page = make_page(TEXT, ink=60)
    assert clean_page(page) is page


@pytest.mark.parametrize("paper", [240, 180, 90])
def test_dark_paper_becomes_white(paper: int) -> None:
    cleaned = clean_background(make_page(TEXT, ink=20, paper=paper))
    assert np.percentile(cleaned, 50) >= 250
    assert cleaned.min() < 80


def test_a_shadow_vanishes() -> None:
    cleaned = clean_page(photographed(make_page(TEXT, dpi=300)))
    quarter = cleaned.shape[1] // 4
    left, right = (np.median(part) for part in (cleaned[:, :quarter], cleaned[:, -quarter:]))
    assert min(left, right) > 240
    assert abs(left - right) < 6


def test_the_input_is_not_changed() -> None:
    page = photographed(make_page(TEXT))
    copy = page.copy()
    clean_page(page)
    np.testing.assert_array_equal(page, copy)


def test_a_faint_page_gets_contrast() -> None:
    drawn = make_page(TEXT, dpi=300)
    noise = np.random.default_rng(1).normal(0.0, 1.5, drawn.shape)
    page = np.clip(240.0 - (255 - drawn) * (22 / 255) + noise, 0, 255).astype(np.uint8)
    truth = drawn < 128
    plain = agreement(binarize(clean_background(page)), truth)
    assert agreement(binarize(clean_page(page)), truth) > max(plain, 0.85)


@pytest.mark.parametrize("sigma", [1.0, 3.0, 6.0, 8.0])
def test_the_noise_of_an_empty_page_stays_paper(sigma: float) -> None:
    noise = np.random.default_rng(2).normal(215.0, sigma, (1200, 900))
    page = np.clip(noise, 0, 255).astype(np.uint8)
    assert binarize(clean_page(page)).mean() < 0.002


def test_a_negative_is_inverted() -> None:
    page = np.where(make_page(TEXT) < 128, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(clean_page(255 - page), page)


def test_clahe_leaves_a_page_without_room_for_tiles() -> None:
    page = np.zeros((4, 900), np.uint8)
    assert clahe(page) is page
