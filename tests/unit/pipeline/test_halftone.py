"""Pages whose gray is made of dots are known from pages of print, and give their gray back."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocrq.types import PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.halftone import dot_px, smooth_halftone
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page

FAKE = load_engine("tests.engines.fake:make_engine")


def page(paper: int = 240) -> GrayImage:
    """Lines of text in the size of 150 dpi."""
    picture = Image.new("L", (900, 700), paper)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(26)
    for y in range(60, 620, 44):
        pen.text((60, y), "have begun to sort them by year, most are bills", 30, font)
    return np.asarray(picture, np.uint8)


def diffused(gray: GrayImage) -> GrayImage:
    """As Floyd and Steinberg: Pillow's way to two tones."""
    return np.asarray(Image.fromarray(gray).convert("1").convert("L"), np.uint8)


def ordered(gray: GrayImage) -> GrayImage:
    """By Bayer's matrix of 8 x 8."""
    steps = np.zeros((1, 1), np.int64)
    for _ in range(3):
        steps = np.block([[4 * steps, 4 * steps + 2], [4 * steps + 3, 4 * steps + 1]])
    rows, columns = (side // 8 + 1 for side in gray.shape)
    bound = np.tile((steps + 0.5) / 64 * 255, (rows, columns))[: gray.shape[0], : gray.shape[1]]
    return np.where(gray > bound, 255, 0).astype(np.uint8)


def read(gray: GrayImage) -> PageResult:
    image = PageImage(gray=gray, dpi=150, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(), FAKE)


@pytest.mark.parametrize("screen", [diffused, ordered])
@pytest.mark.parametrize("paper", [245, 225, 200])
def test_dots_are_seen_and_the_print_comes_back(
    screen: Callable[[GrayImage], GrayImage], paper: int
) -> None:
    gray = page(paper)
    dotted = screen(gray)
    assert dot_px(binarize(dotted)) == 1
    ink, wanted = binarize(smooth_halftone(dotted, 1)), binarize(gray)
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert (ink & wanted).sum() > 0.95 * wanted.sum()
    assert (ink & ~near).sum() < 0.01 * wanted.sum()


def test_dots_of_an_enlarged_scan_are_larger() -> None:
    large = cv2.resize(diffused(page()), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    assert dot_px(binarize(np.asarray(large, np.uint8))) == 2


def test_print_in_two_tones_and_in_gray_has_none() -> None:
    gray = page()
    for scan in (gray, np.where(gray < 128, 0, 255).astype(np.uint8), np.full_like(gray, 255)):
        assert dot_px(binarize(scan)) == 0
    assert dot_px(np.ones((700, 900), np.bool_)) == 0


def test_a_reading_says_that_it_was_made_of_dots() -> None:
    reading = read(diffused(page(225)))
    assert "halftone" in reading.elapsed_s
    assert "halftone" not in read(page(225)).elapsed_s
    lines = sum(len(line.chars) > 30 for line in reading.lines)
    assert lines == len(reading.lines) == 13


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_ink_of_any_size_has_an_answer(height: int, width: int, seed: int) -> None:
    scan = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    assert dot_px(scan < 128) in (0, 1, 2)
    assert smooth_halftone(scan, 2).shape == scan.shape


@pytest.mark.parametrize("share", [0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6])
@pytest.mark.parametrize("pitch_px", [30, 44])
def test_small_print_has_none(share: float, pitch_px: int) -> None:
    """Lines as close as on receipts, scanned with few pixels: strokes are a pixel or two wide."""
    picture = Image.new("L", (900, 1400), 240)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(26)
    for y in range(10, 1370, pitch_px):
        pen.text(
            (10, y), "TOTAL (EXCLUDING GST) : 12.50 ill fit if it will till i lift it", 30, font
        )
    small = cv2.resize(
        np.asarray(picture, np.uint8), None, fx=share, fy=share, interpolation=cv2.INTER_AREA
    )
    assert dot_px(binarize(np.asarray(small, np.uint8))) == 0
