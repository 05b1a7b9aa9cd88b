"""The print of the back becomes paper; what faded, notes and stamps stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.binarize import binarize
from pipeline.faint_ink import find_faint
from pipeline.image import GrayImage
from pipeline.show_through import clear_back
from tests.drawing import make_page
from tests.unit.pipeline.test_binarize import agreement

FRONT = [
    "The front of this sheet is",
    "what somebody wants to read",
    "and nothing else but it.",
] * 4
BACK = [
    "other words are on the back",
    "of the very same sheet here",
    "with no more lines on it.",
] * 4
LETTER_PX = 19.0


def page(lines: list[str], *, blur_px: float = 0.5) -> GrayImage:
    drawn = make_page(lines, dpi=200, size_in=(4.6, 4.0))
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), blur_px), np.uint8)


def noisy(gray: npt.NDArray[np.floating]) -> GrayImage:
    noise = np.random.default_rng(5).normal(0.0, 2.0, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8)


def with_back(share: float) -> GrayImage:
    behind = 255.0 - page(BACK, blur_px=1.5)[:, ::-1]
    return noisy(page(FRONT) - share * behind)


def cleared(gray: GrayImage) -> tuple[GrayImage, npt.NDArray[np.bool_]] | None:
    ink = binarize(gray)
    seen = find_faint(gray, ink, LETTER_PX)
    return None if seen is None else clear_back(gray, ink, seen)


@pytest.mark.parametrize("share", [0.15, 0.25, 0.35])
def test_the_back_becomes_paper_and_the_front_keeps_its_strokes(share: float) -> None:
    gray = with_back(share)
    front = page(FRONT)
    found = cleared(gray)

    assert found is not None
    assert agreement(found[1], front < 128) >= 0.93
    # Between the letters of the front, where they have no soft edges any more.
    between = cv2.erode(front, np.ones((13, 13), np.uint8)) > 250
    assert np.percentile(gray[between], 2) < 235
    assert np.percentile(found[0][between], 0.5) > 240


def test_a_blurred_back_whose_letters_run_together_becomes_paper() -> None:
    front = page(FRONT)
    behind = 255.0 - page(FRONT, blur_px=2.5)[:, ::-1]
    found = cleared(np.clip(front - 0.35 * behind, 0, 255).astype(np.uint8))

    assert found is not None
    assert agreement(found[1], front < 128) >= 0.93


def test_the_input_is_not_changed() -> None:
    gray = with_back(0.3)
    copy = gray.copy()
    assert cleared(gray) is not None
    np.testing.assert_array_equal(gray, copy)


def test_sharp_faint_print_and_a_few_soft_words_stay() -> None:
    front = page(FRONT[:6]).astype(np.float64)
    pencil = 255.0 - page(["", ""] * 4 + ["pencilled words that stand", "below all of it"])
    note = 255.0 - page(["", ""] * 4 + ["a soft note"], blur_px=1.5)

    assert cleared(noisy(front - 0.25 * pencil)) is None
    assert cleared(noisy(front - 0.25 * note)) is None
    assert cleared(noisy(front)) is None


def test_bright_rims_of_sharpened_letters_are_no_back() -> None:
    """Paper between the rims is darker than they are, all over the page and softly."""
    front = page(FRONT).astype(np.float64) * 0.8
    blurred = cv2.GaussianBlur(front, (0, 0), 4.0)
    assert cleared(noisy(np.minimum(front + 3.0 * (front - blurred), 245.0))) is None
