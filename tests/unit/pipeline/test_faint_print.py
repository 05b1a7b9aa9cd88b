"""Print that faded beside dark print becomes dark; what else is faint stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions
from pipeline.binarize import binarize
from pipeline.faint_ink import find_faint
from pipeline.faint_print import strengthen_faint
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page
from tests.drawing import make_page
from tests.engines.fake import FakeEngine
from tests.unit.pipeline.test_binarize import agreement

LINES = ["Notebook A5, ruled  29.01", "Lamp oil, a gallon  18.50", "Pencils, by six  6.47"] * 3
LETTER_PX = 19.0


def page(lines: list[str] = LINES) -> GrayImage:
    return make_page(lines, dpi=200, size_in=(4.4, 3.2))


def pale(gray: GrayImage, share: float, *, left_of: int = 0, below: int = 10_000) -> GrayImage:
    """The page with so much of its ink left of a column or below a row."""
    left = np.ones(gray.shape)
    left[:, :left_of] = share
    left[below:] = share
    return (255 - (255.0 - gray) * left).astype(np.uint8)


def noisy(gray: GrayImage, sigma: float = 2.0) -> GrayImage:
    noise = np.random.default_rng(3).normal(0.0, sigma, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8)


def strong(gray: GrayImage) -> tuple[GrayImage, npt.NDArray[np.bool_]] | None:
    ink = binarize(gray)
    seen = find_faint(gray, ink, LETTER_PX)
    return None if seen is None else strengthen_faint(gray, ink, seen)


@pytest.mark.parametrize("share", [0.2, 0.1])
def test_the_faint_left_half_of_rows_becomes_ink(share: float) -> None:
    gray = noisy(pale(page(), share, left_of=300))
    wanted = page() < 128
    found = strong(gray)
    assert found is not None
    assert agreement(binarize(gray), wanted) < 0.7
    assert agreement(found[1], wanted) > 0.9
    assert agreement(binarize(found[0]), wanted) > 0.9


def test_rows_that_faded_as_a_whole_become_ink() -> None:
    gray = noisy(pale(page(), 0.15, below=330))
    found = strong(gray)
    assert found is not None
    assert agreement(found[1], page() < 128) > 0.9


def test_dark_letters_are_left_as_they_are() -> None:
    gray = pale(page(), 0.15, left_of=300)
    found = strong(gray)
    assert found is not None
    np.testing.assert_array_equal(found[0][:, 360:], gray[:, 360:])
    assert (found[0] <= gray).all()


def test_the_input_is_not_changed() -> None:
    gray = pale(page(), 0.15, left_of=300)
    copy, ink = gray.copy(), binarize(gray)
    before = ink.copy()
    seen = find_faint(gray, ink, LETTER_PX)
    assert seen is not None
    assert strengthen_faint(gray, ink, seen) is not None
    np.testing.assert_array_equal(gray, copy)
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize("share", [0.08, 0.15, 0.25])
def test_what_shows_from_behind_stays_faint(share: float) -> None:
    back = page(["The other side of the sheet", "has more lines than this one"] * 7)[:, ::-1]
    behind = cv2.GaussianBlur(255.0 - back, (0, 0), 200 / 150)
    gray = noisy(np.clip(page(LINES[:5]) - share * behind, 0, 255).astype(np.uint8))
    assert strong(gray) is None


def test_shadows_specks_and_grain_are_no_print() -> None:
    gray = page()
    shadow = np.linspace(0.7, 1.0, gray.shape[1])
    stains = np.random.default_rng(4).random(gray.shape) < 0.002
    stained = np.where(cv2.dilate(stains.view(np.uint8), np.ones((3, 3), np.uint8)) > 0, 215, 255)
    for dirty in (gray * shadow, np.minimum(gray, stained), noisy(gray, 8.0)):
        assert strong(np.asarray(dirty, np.uint8)) is None


def test_pages_without_grey_or_without_print_have_nothing_faint() -> None:
    bilevel = np.where(page() < 128, 0, 255).astype(np.uint8)
    assert strong(bilevel) is None
    assert strong(np.full((300, 300), 255, np.uint8)) is None
    assert find_faint(page(), binarize(page()), 0.0) is None


def test_a_faded_column_is_read_and_the_stage_is_timed() -> None:
    gray = noisy(pale(page(), 0.15, left_of=300))
    height_px, width_px = gray.shape
    image = PageImage(
        gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(width_px, height_px)
    )
    plain = process_page(image, PageOptions(clean=False), FakeEngine())
    clean = process_page(image, PageOptions(), FakeEngine())
    assert "faint" in clean.elapsed_s
    assert "faint" not in plain.elapsed_s
    assert len(clean.lines) == len(LINES)
    assert min(line.box.x0_px for line in clean.lines) < 100 < 300
    letters = [sum(len(line.chars) for line in result.lines) for result in (plain, clean)]
    assert letters[1] > 1.3 * letters[0]
