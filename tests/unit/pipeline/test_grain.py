"""Faint print in the grain of a scanner is smoothed; what is clear is left as it is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocrq.types import PageOptions, PageResult, Quality
from pipeline.clean import clean_page
from pipeline.engines.registry import load_engine
from pipeline.grain import find_grain, smooth_grain
from pipeline.image import PageImage
from pipeline.quality import measure_quality
from pipeline.run import process_page
from pipeline.seen_page import SeenPage
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
TEXT = ["pack my jig, five quay zip", "the quick brown fox ran", "jumps over it. Was it 1?"] * 2
FAKE = load_engine("tests.engines.fake:make_engine")


def faint(noise: float) -> Gray:
    """Print 26 grey levels darker than its paper, in noise of so many."""
    clear = make_page(TEXT, dpi=300, size_in=(6.0, 3.0), size_pt=14)
    soft = cv2.GaussianBlur(clear, (0, 0), 1.0).astype(np.float64)
    grain = np.random.default_rng(3).normal(0, noise, clear.shape)
    return np.clip(190 + soft * (26 / 255) + grain, 0, 255).astype(np.uint8)


def read(gray: Gray, *, clean: bool = True) -> PageResult:
    image = PageImage(gray=gray, dpi=300, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(clean=clean), FAKE)


def test_lines_of_faint_print_are_found_in_noise() -> None:
    letters = sum(len(line) - line.count(" ") for line in TEXT)
    result = read(faint(8))
    assert "smooth" in result.elapsed_s
    assert len(result.lines) == len(TEXT)
    assert abs(sum(len(line.chars) for line in result.lines) - letters) < 0.15 * letters


def test_clear_print_is_not_smoothed() -> None:
    assert "smooth" not in read(faint(0.5)).elapsed_s
    assert "smooth" not in read(faint(8), clean=False).elapsed_s
    nothing = Quality(sharpness=0, contrast=0, ink=0, is_blank=True, noise=0.1)
    assert find_grain(nothing, SeenPage.of(faint(8))) is None


def test_print_in_a_shadow_is_darker_than_it_looks() -> None:
    """Most of a photograph is dark; its print differs from the paper by much of what is left."""
    clear = cv2.GaussianBlur(make_page(TEXT, dpi=300, size_in=(6.0, 3.0), size_pt=14), (0, 0), 1.0)
    lit = np.where(np.arange(clear.shape[1]) < 0.8 * clear.shape[1], 0.25, 1.0)
    grain = np.random.default_rng(3).normal(0, 4, clear.shape)
    scan = np.clip((110 + clear * (145 / 255)) * lit + grain, 0, 255).astype(np.uint8)
    seen = SeenPage.of(clean_page(scan))
    quality = measure_quality(scan, seen.ink, seen.overview)
    assert quality.noise is not None
    assert quality.noise > 0.1 * quality.contrast
    assert find_grain(quality, seen) is None


def test_smoothing_darkens_print_and_keeps_paper() -> None:
    gray = faint(8)
    seen = SeenPage.of(gray)
    quality = find_grain(measure_quality(gray, seen.ink, seen.overview), seen)
    assert quality is not None
    smooth = smooth_grain(gray, quality)
    assert smooth.shape == gray.shape
    assert abs(np.median(smooth) - np.median(gray)) < 12
    assert smooth.min() < gray.min() - 20
