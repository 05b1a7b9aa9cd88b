"""Creases of folded sheets go, and the letters that they cross stay; rules and print stay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.binarize import binarize
from pipeline.crease_path import find_path_down
from pipeline.creases import remove_creases
from pipeline.layout.page import find_pieces
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
TEXT = [
    "Letters that are folded twice",
    "lie in archives and are read",
    "many years later again",
] * 4


def drawn_page() -> Gray:
    return make_page(TEXT, dpi=200, size_in=(4.5, 4.8), margin_in=0.4)


def creased(gray: Gray, *, tone: int, jag_px: float = 0.6, down: bool = True) -> Gray:
    """A line three pixels wide that strays by so much from row to row."""
    page = gray if down else np.ascontiguousarray(gray.T)
    rng = np.random.default_rng(3)
    middle = page.shape[1] / 2 + np.cumsum(rng.normal(0, jag_px, len(page)))
    off = np.abs(np.arange(page.shape[1])[None] - middle[:, None])
    found = np.where(off <= 1.5, np.minimum(page, tone), page).astype(np.uint8)
    return found if down else np.ascontiguousarray(found.T)


def without(gray: Gray) -> tuple[Gray, npt.NDArray[np.bool_]] | None:
    ink = binarize(gray)
    pieces = find_pieces(ink)
    return remove_creases(gray, ink, pieces.found, pieces.text_height_px)


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("tone", [90, 0])
def test_a_crease_goes_and_letters_stay(tone: int, down: bool) -> None:
    clean = drawn_page()
    letters = binarize(clean)
    page = creased(clean, tone=tone, down=down)
    found = without(page)
    assert found is not None
    gray, ink = found
    crease = binarize(page) & ~letters
    assert np.count_nonzero(ink & crease) < 0.15 * np.count_nonzero(crease)
    assert np.count_nonzero(letters & ~ink) < 0.01 * np.count_nonzero(letters)
    heights = find_pieces(ink).found.height
    assert heights.max() < 60  # no piece is as high as the page
    assert gray.shape == page.shape
    assert gray[crease & ~ink].min() > 200


@pytest.mark.parametrize("jag_px", [0.0, 0.02])
def test_a_rule_is_left_to_others(jag_px: float) -> None:
    assert without(creased(drawn_page(), tone=0, jag_px=jag_px)) is None


@pytest.mark.parametrize("size_pt", [6.0, 9.0, 14.0])
def test_print_alone_has_no_crease(size_pt: float) -> None:
    assert without(make_page(TEXT, dpi=200, size_pt=size_pt, size_in=(4.5, 4.8))) is None


def test_an_empty_page_has_none() -> None:
    assert without(np.full((300, 300), 255, np.uint8)) is None


@given(st.integers(3, 40), st.integers(3, 40), st.integers(0, 1000))
def test_a_path_is_found_whole(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = np.clip(width // 2 + np.cumsum(rng.integers(-1, 2, height)), 0, width - 1)
    ink = np.zeros((height, width), np.bool_)
    ink[np.arange(height), columns] = True
    path = find_path_down(ink)
    rows = np.arange(path.first, path.first + len(path.columns))
    assert ink[rows, path.columns].all()
    assert len(rows) == height
    assert 0.6 * height <= path.gain <= height
