"""Rules aslant to the text are taken out of the ink, and shifting is undone exactly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrq.types import PageOptions
from pipeline.binarize import InkImage, binarize
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.layout.components import find_components
from pipeline.run import process_page
from pipeline.slanted_rules import (
    shifted,
    shifted_back,
    slope_of_rules,
    without_slanted_rules,
)
from tests.drawing import make_page

LETTER_PX = 24.0
FAKE = load_engine("tests.engines.fake:make_engine")


def page(slope: float | None) -> GrayImage:
    """Twelve lines of text on paper with thirteen rules of this slope, or none."""
    text = ["a page typed on ruled paper", "is seldom quite straight in it"] * 6
    gray = make_page(text, dpi=200, size_in=(7.0, 6.0), size_pt=14)
    height, width = gray.shape
    for y in range(40, height, height // 13) if slope is not None else ():
        cv2.line(gray, (0, y), (width, round(y + (slope or 0.0) * width)), 60, 2)
    return gray


def letters(ink: InkImage) -> int:
    """How many pieces of ink have the size of a letter; one that touches a rule has not."""
    found = find_components(ink)
    is_high = (found.height > 0.4 * LETTER_PX) & (found.height < 2 * LETTER_PX)
    return int((is_high & (found.width < 3 * LETTER_PX)).sum())


@pytest.mark.parametrize("slope", [-0.03, -0.01, 0.006, 0.02])
def test_rules_aslant_go_and_letters_stay(slope: float) -> None:
    clean, ink = binarize(page(None)), binarize(page(slope))
    found = find_components(ink)
    assert slope_of_rules(found, LETTER_PX) == pytest.approx(slope, abs=0.001)
    bare = without_slanted_rules(page(slope), ink, found, LETTER_PX)
    assert bare is not None
    freed = bare[1]
    assert letters(ink) < 0.75 * letters(clean)
    assert letters(freed) > 0.88 * letters(clean)
    assert (clean & ~freed).sum() < 0.1 * clean.sum()


@pytest.mark.parametrize("slope", [None, 0.0])
def test_other_pages_have_no_slope_of_rules(slope: float | None) -> None:
    assert slope_of_rules(find_components(binarize(page(slope))), LETTER_PX) == 0.0


@pytest.mark.parametrize("slope", [-0.05, 0.013])
def test_shifting_is_undone(slope: float) -> None:
    ink = np.random.default_rng(3).random((60, 301)) < 0.3
    np.testing.assert_array_equal(shifted_back(shifted(ink, slope), slope), ink)


def test_lines_are_found_on_paper_that_lies_aslant() -> None:
    boxes = []
    for slope in (None, -0.02):
        image = PageImage(gray=page(slope), dpi=200, dpi_is_estimated=False, scan_size_px=(1, 1))
        result = process_page(image, PageOptions(deskew=False), FAKE)
        boxes.append(
            [(b.x0_px, b.y0_px, b.x1_px, b.y1_px) for b in (li.box for li in result.lines)]
        )
    assert len(boxes[0]) == len(boxes[1]) == 12
    np.testing.assert_allclose(boxes[0], boxes[1], atol=6)
