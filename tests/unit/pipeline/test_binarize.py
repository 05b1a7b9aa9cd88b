from __future__ import annotations

from typing import get_args

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.binarize import (
    BinarizeMethod,
    _window_moments,
    binarize,
    count_tones,
    is_bilevel,
    otsu_threshold,
    share_of_tones,
    tone_histogram,
)
from pipeline.clean import clean_page
from pipeline.deskew import rotate_gray
from tests.drawing import make_page

TEXT = "\n".join(["Faint strokes must survive,", "and paper must not become ink."] * 3)


def agreement(ink: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """F1 of ink pixels."""
    return 2 * np.count_nonzero(ink & truth) / (np.count_nonzero(ink) + np.count_nonzero(truth))


def photographed(page: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A page under a lamp at its left, with noise and some blur."""
    height, width = page.shape
    light = np.linspace(1.0, 0.35, width)[None, :] * np.linspace(1.0, 0.8, height)[:, None]
    noise = np.random.default_rng(3).normal(0.0, 3.0, page.shape)
    blurred = cv2.GaussianBlur(page, (0, 0), 0.8)
    return np.clip(blurred * light * 0.85 + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", get_args(BinarizeMethod))
@pytest.mark.parametrize("paper", [255, 200, 110])
def test_dark_letters_on_even_paper(method: BinarizeMethod, paper: int) -> None:
    truth = make_page(TEXT, dpi=300) < 128
    page = make_page(TEXT, dpi=300, ink=20, paper=paper)
    assert agreement(binarize(page, method), truth) > 0.95


@pytest.mark.parametrize(("paper", "ink"), [(246, 25), (215, 25), (235, 120)])
def test_a_page_number_alone_is_ink_on_a_grainy_page(paper: int, ink: int) -> None:
    truth = np.full((2700, 1800), 255, np.uint8)
    number = make_page("204", dpi=300, size_pt=11, size_in=(1, 0.5))
    truth[2400:2550, 800:1100] = number
    grain = np.random.default_rng(5).normal(0, 5, truth.shape)
    page = paper - (paper - ink) * (1 - truth / 255) + grain

    cleaned = clean_page(np.clip(page, 0, 255).astype(np.uint8))

    assert agreement(binarize(cleaned), truth < 128) > 0.9


def test_a_grainy_blank_page_has_no_ink() -> None:
    grain = np.random.default_rng(5).normal(246, 5, (2700, 1800))
    assert not binarize(clean_page(np.clip(grain, 0, 255).astype(np.uint8))).any()


@pytest.mark.parametrize("clean", [True, False])
def test_uneven_light_needs_a_local_threshold(clean: bool) -> None:
    drawn = make_page(TEXT, dpi=300, ink=40)
    page = photographed(drawn)
    truth = drawn < 148
    assert agreement(binarize(clean_page(page) if clean else page), truth) > 0.9
    assert agreement(binarize(page, "otsu"), truth) < 0.7


def test_faint_words_beside_black_ones_survive() -> None:
    page = make_page(TEXT, dpi=300)
    truth = page < 128
    half = page.shape[1] // 2
    page[:, half:] = 255 - (255 - page[:, half:]) // 2
    noisy = np.clip(page - np.random.default_rng(1).integers(0, 9, page.shape), 0, 255)
    found = binarize(noisy.astype(np.uint8))
    assert agreement(found[:, half:], truth[:, half:]) > 0.85


def test_a_few_dark_words_do_not_hide_pale_print() -> None:
    page = make_page("\n".join([TEXT] * 2), size_in=(5.0, 3.6))
    pale = np.asarray(cv2.GaussianBlur(255 - (255 - page) // 5, (0, 0), 0.7), np.uint8)
    number = make_page("145 145", size_in=(1.2, 0.5), margin_in=0.1)
    pale[-number.shape[0] :, -number.shape[1] :] = number
    above = slice(0, -number.shape[0])

    assert agreement(binarize(pale)[above], page[above] < 128) > 0.9


def test_a_shine_through_is_not_ink() -> None:
    page = make_page(TEXT, dpi=300)
    behind = 255 - (255 - page[::-1, ::-1]) // 8
    both = np.minimum(page, behind)
    assert agreement(binarize(both), page < 128) > 0.93


def test_a_bilevel_page_is_its_own_threshold() -> None:
    page = np.where(make_page(TEXT) < 128, 0, 255).astype(np.uint8)
    assert is_bilevel(page)
    np.testing.assert_array_equal(binarize(page), page == 0)
    np.testing.assert_array_equal(binarize(page, "otsu"), page == 0)


def test_a_bilevel_page_keeps_its_strokes_when_it_is_turned() -> None:
    page = np.where(make_page(TEXT, dpi=300) < 128, 0, 255).astype(np.uint8)
    there_and_back = rotate_gray(rotate_gray(page, 3.0), -3.0)
    y, x = ((a - b) // 2 for a, b in zip(there_and_back.shape, page.shape, strict=True))
    ink = binarize(there_and_back, "otsu")[y : y + page.shape[0], x : x + page.shape[1]]
    assert agreement(ink, page == 0) > 0.9


@pytest.mark.parametrize("tone", [0, 90, 255])
@pytest.mark.parametrize("method", get_args(BinarizeMethod))
def test_a_page_of_one_tone_has_no_ink(tone: int, method: BinarizeMethod) -> None:
    assert not binarize(np.full((60, 80), tone, np.uint8), method).any()


@pytest.mark.parametrize("method", get_args(BinarizeMethod))
def test_paper_noise_is_not_ink(method: BinarizeMethod) -> None:
    noise = np.random.default_rng(2).normal(200.0, 4.0, (900, 700)).astype(np.uint8)
    assert binarize(noise, method).mean() < 0.001


def test_otsu_of_an_empty_histogram_has_no_contrast() -> None:
    assert otsu_threshold(np.zeros(256)) == (128.0, 0.0)


def test_the_histogram_of_a_large_page_is_taken_from_some_of_its_rows() -> None:
    histogram = tone_histogram(np.full((4000, 2000), 7, np.uint8))
    assert 400_000 < histogram[7] == histogram.sum() < 1_000_000


@pytest.mark.parametrize("shape", [(40, 30), (4000, 2000), (1, 1)])
def test_a_share_of_tones_is_that_of_the_histogram(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    histogram = tone_histogram(gray)
    assert share_of_tones(gray, 24, 231) == histogram[24:232].sum() / histogram.sum()


@pytest.mark.parametrize("shape", [(40, 30), (2600, 30), (3500, 3), (3700, 1)])
def test_moments_are_those_of_blocks_in_windows(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(5).integers(0, 256, shape).astype(np.uint8)
    factor = max(1, round(max(shape) / 1200))
    step = min(factor, shape[1])
    width = shape[1] // step
    rows = gray[::factor, : width * step].astype(np.float64)
    blocks = rows.reshape(len(rows), width, step)
    side = max(15, round(max(len(rows), width) / 55)) | 1
    found = _window_moments(gray, factor)
    for moment, power in zip(found, (1, 2), strict=True):
        mean = (blocks**power).mean(axis=2)
        expected = cv2.boxFilter(mean, -1, (side, side), borderType=cv2.BORDER_REPLICATE)
        np.testing.assert_allclose(moment, expected, atol=0.5, rtol=1e-5)


def test_tones_are_counted_where_the_mask_is_true() -> None:
    gray = np.random.default_rng(6).integers(0, 256, (50, 70)).astype(np.uint8)
    mask = gray[::-1] > 100
    assert np.array_equal(count_tones(gray), np.bincount(gray.ravel(), minlength=256))
    assert np.array_equal(count_tones(gray, mask), np.bincount(gray[mask], minlength=256))


@pytest.mark.parametrize("noise", [0.0, 8.0, 20.0])
def test_noise_in_the_bed_of_a_scanner_is_no_ink(noise: float) -> None:
    page = make_page(dpi=150)
    ink = int((page < 128).sum())
    bed = 50.0 + np.random.default_rng(1).normal(0, noise, (1000, 1200))
    scan = np.clip(bed, 0, 255).astype(np.uint8)
    scan[200 : 200 + page.shape[0], 200 : 200 + page.shape[1]] = page

    found = binarize(scan)

    within = found[220 : 180 + page.shape[0], 220 : 180 + page.shape[1]]
    assert ink <= within.sum() <= 1.3 * ink
    assert not found[:120].any()
    assert not found[:, :120].any()
