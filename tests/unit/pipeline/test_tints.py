"""Even fills with sharp edges become paper; shadows, photographs and dark bands stay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.tints import _has_light_print, without_tints
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
TEXT = ["The quick brown fox jumps", "over the lazy dog and reads", "what stands in a grey row"] * 3


def page() -> Gray:
    return make_page(TEXT, dpi=200, size_in=(4.5, 4.0))


def filled(gray: Gray, share: float, box: tuple[int, int, int, int], soft_px: float = 0.0) -> Gray:
    """The page with a box (x0, y0, x1, y1) of so much of its paper's tone."""
    x0, y0, x1, y1 = box
    tint = np.ones(gray.shape, np.float32)
    tint[y0:y1, x0:x1] = share
    if soft_px:
        tint = np.asarray(cv2.GaussianBlur(tint, (0, 0), soft_px), np.float32)
    return (gray * tint).astype(np.uint8)


ROW = (50, 120, 800, 175)  # its edges run through letters
SMALL = (300, 200, 420, 240)


@pytest.mark.parametrize("box", [ROW, SMALL])
@pytest.mark.parametrize("share", [0.45, 0.62, 0.85])
def test_a_fill_becomes_paper_and_letters_stay(
    share: float, box: tuple[int, int, int, int]
) -> None:
    clean = page()
    found = without_tints(filled(clean, share, box))
    inside = found[box[1] - 3 : box[3] + 3, box[0] - 3 : box[2] + 3]
    wanted = clean[box[1] - 3 : box[3] + 3, box[0] - 3 : box[2] + 3]
    assert np.mean(np.abs(inside.astype(int) - wanted) > 40) < 0.01
    outside = np.ones(clean.shape, np.bool_)
    outside[box[1] - 20 : box[3] + 20, box[0] - 20 : box[2] + 20] = False
    assert np.array_equal(found[outside], clean[outside])


def test_fills_that_overlap_become_paper_where_both_are_light() -> None:
    clean = page()
    both = filled(filled(clean, 0.8, ROW), 0.8, (400, 100, 700, 300))
    assert np.mean(without_tints(both) < 200) < 1.5 * np.mean(clean < 200)


@pytest.mark.parametrize("kind", ["plain", "shadow", "photograph", "band", "tiny"])
def test_other_pages_stay_as_they_are(kind: str) -> None:
    gray = page()
    if kind == "shadow":
        gray = filled(gray, 0.6, (0, 300, 900, 800), soft_px=60)
    elif kind == "photograph":
        rng = np.random.default_rng(0)
        coarse = rng.integers(40, 230, (12, 20)).astype(np.uint8)
        gray[300:600, 100:700] = cv2.resize(coarse, (600, 300), interpolation=cv2.INTER_CUBIC)
    elif kind == "band":
        gray = filled(gray, 0.1, ROW)
    elif kind == "tiny":
        gray = gray[:5, :5]
    assert without_tints(gray) is gray


def test_light_print_on_a_fill_keeps_it() -> None:
    gray = page()
    letters = 255 - gray[40:160].astype(np.float32)
    gray[40:160] = (110 + letters * 145 / 255).astype(np.uint8)
    assert without_tints(gray) is gray


@pytest.mark.parametrize(("ink", "is_light_print"), [(0.12, False), (0.02, True), (0.0, True)])
def test_the_white_between_marked_lines_is_no_light_print(ink: float, is_light_print: bool) -> None:
    # A marker over two lines of typescript, worn ink 0.7 as light as it; white lies between them.
    rows, columns = 100, 400
    piece = np.full((rows, columns), 158, np.uint8)
    piece[:, : round(0.125 * columns)] = 255
    piece[:, columns - round(ink * columns) :] = 110
    own, inside = np.full_like(piece, 158), np.ones(piece.shape, np.bool_)
    assert _has_light_print(inside, piece, own, 255.0) == is_light_print
