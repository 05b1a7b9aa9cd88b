"""Letters that fell apart are closed; letters that are whole stay as they are."""

from __future__ import annotations

from contextlib import nullcontext

import cv2
import numpy as np
import pytest

from ocrq.types import PageOptions
from pipeline.binarize import binarize
from pipeline.broken_print import close_broken
from pipeline.image import GrayImage
from pipeline.layout.page import find_pieces
from pipeline.level_page import LevelPage
from tests.drawing import make_page

LINES = ["GOODS SOLD ARE NOT RETURNABLE", "TOTAL 14.70 CASH 20.00 CHANGE 5.30"] * 6


def page() -> GrayImage:
    return make_page(LINES, dpi=200, size_in=(5.6, 4.2))


def dotted(gray: GrayImage, pitch_px: int, share: float) -> GrayImage:
    """As needles print: between rows and columns of dots there is white in places."""
    rng = np.random.default_rng(3)
    rows, columns = (side // pitch_px + 1 for side in gray.shape)
    white = np.zeros((rows * pitch_px, columns * pitch_px), np.bool_)
    cells = white.reshape(rows, pitch_px, columns, pitch_px)
    cells[:, 0] |= (rng.random((rows, columns)) < share)[:, :, None]
    cells[:, :, :, 0] |= (rng.random((rows, columns)) < share)[:, None]
    return np.where(white[: gray.shape[0], : gray.shape[1]], 255, gray).astype(np.uint8)


def closed(gray: GrayImage) -> tuple[LevelPage, float] | None:
    ink = binarize(gray)
    level = LevelPage.of(gray, ink, 0.0)
    found = close_broken(level, find_pieces(ink), PageOptions(), lambda _: nullcontext())
    return None if found is None else (found[0], found[1].text_height_px)


@pytest.mark.parametrize("pitch_px", [4, 5, 6])
@pytest.mark.parametrize("share", [0.6, 0.8, 1.0])
def test_letters_of_dots_are_letters_again(pitch_px: int, share: float) -> None:
    whole = page()
    gray = dotted(whole, pitch_px, share)
    height_px = find_pieces(binarize(whole)).text_height_px
    assert find_pieces(binarize(gray)).text_height_px < 0.7 * height_px

    found = closed(gray)

    assert found is not None
    assert found[1] == pytest.approx(height_px, rel=0.12)
    ink, wanted = found[0].ink, binarize(whole)
    # Needles leave out the outermost rows and columns of strokes, too.
    assert (ink & wanted).sum() >= 0.78 * wanted.sum()


def test_whole_print_stays_as_it_is() -> None:
    gray = page()
    small = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    specks = np.where(np.random.default_rng(1).random(gray.shape) < 0.002, 0, 255)
    for scan in (gray, small, np.full_like(gray, 255), specks):
        assert closed(np.asarray(scan, np.uint8)) is None


def test_the_input_is_not_changed() -> None:
    gray = dotted(page(), 5, 0.8)
    copy = gray.copy()
    assert closed(gray) is not None
    np.testing.assert_array_equal(gray, copy)


def test_wide_gaps_are_closed_for_lines_alone() -> None:
    whole = make_page(LINES[:6], dpi=300, size_in=(8.0, 4.2), size_pt=16)
    height_px = find_pieces(binarize(whole)).text_height_px
    # As of thin print: half of all strokes are lost, here this, there that.
    rng = np.random.default_rng(5)
    gray = whole.copy()
    for x in range(0, gray.shape[1], 7):
        for y in range(int(rng.integers(11)), gray.shape[0], 11):
            gray[y : y + 6, x : x + 7] = 255
    assert find_pieces(binarize(gray)).text_height_px < 0.7 * height_px

    found = closed(gray)

    assert found is not None
    assert found[1] == pytest.approx(height_px, rel=0.2)
    level = found[0]
    assert level.closed_px >= 7
    read = binarize(level.gray)  # as it is, but for gaps of two pixels
    assert read.sum() < 1.3 * binarize(gray).sum() < 0.8 * level.ink.sum()
    # A page that is drawn anew keeps what was closed.
    larger, _ = level.enlarged(2)
    assert larger.ink.sum() == pytest.approx(4 * level.ink.sum(), rel=0.1)
