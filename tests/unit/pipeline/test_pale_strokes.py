"""A stamp's pale rings are taken off the letters they cross; drawings and dark rings stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.binarize import binarize
from pipeline.image import GrayImage
from pipeline.layout.page import find_pieces
from pipeline.pale_strokes import clear_pale_strokes
from tests.drawing import make_page
from tests.unit.pipeline.test_binarize import agreement

LINES = ["jumping quickly over the lazy dog", "five boxing wizards came home late"] * 5


def page() -> GrayImage:
    return make_page(LINES, dpi=200, size_in=(5.0, 4.0), ink=30)


def with_rings(gray: GrayImage, tone: int) -> GrayImage:
    rings = np.full(gray.shape, 255, np.uint8)
    for radius_px in (220, 150):
        cv2.circle(rings, (480, 330), radius_px, tone, 7)
    return np.minimum(gray, rings)


def cleared(gray: GrayImage) -> tuple[GrayImage, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    ink = binarize(gray)
    pieces = find_pieces(ink)
    assert pieces.kinds is not None
    found = clear_pale_strokes(gray, ink, pieces.found, pieces.kinds, pieces.text_height_px)
    return found or (gray, ink)


@pytest.mark.parametrize("tone", [100, 130, 160])
def test_rings_paler_than_the_letters_go_and_the_letters_stay(tone: int) -> None:
    gray = with_rings(page(), tone)
    copy = gray.copy()
    strong, ink = cleared(gray)

    wanted = page() < 128
    assert agreement(binarize(gray), wanted) < 0.85
    assert agreement(ink, wanted) > 0.93
    assert agreement(strong < 128, wanted) > 0.93
    np.testing.assert_array_equal(gray, copy)


def test_rings_as_dark_as_the_letters_stay() -> None:
    gray = with_rings(page(), 35)
    assert cleared(gray)[0] is gray


def test_pale_rings_that_cross_no_print_stay() -> None:
    gray = make_page(LINES[:2], dpi=200, size_in=(5.0, 4.0), ink=30)
    gray = np.vstack([gray[:160], with_rings(np.full((640, 1000), 255, np.uint8), 120)])
    assert cleared(gray)[0] is gray
