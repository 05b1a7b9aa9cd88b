"""Bent pages: what is found, what is left alone, and the way back to the upright page."""

from __future__ import annotations

import numpy as np

from pipeline.flatten import Bend, Flattening, estimate_bend, flatten_gray
from pipeline.image import GrayImage
from pipeline.layout.page import find_pieces
from pipeline.rotation import Rotation

WIDTH, HEIGHT = 900, 700


def bars(sag_px: float) -> GrayImage:
    """Rows of letter-like bars whose feet stand on a parabola that is `sag_px` deep."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for top in range(60, HEIGHT - 60, 50):
        for x in range(60, WIDTH - 70, 16):
            y = top + round(sag_px * ((2 * x - WIDTH) / WIDTH) ** 2)
            page[y : y + 18, x : x + 9] = 0
    return page


def bend_of(page: GrayImage) -> Bend | None:
    pieces = find_pieces(page < 128)
    return estimate_bend(pieces.found, pieces.chains, pieces.text_height_px)


def test_a_straight_page_is_left_alone() -> None:
    assert bend_of(bars(0)) is None


def test_a_page_with_few_letters_is_left_alone() -> None:
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    page[:80] = bars(14)[:80]
    assert bend_of(page) is None


def test_bent_lines_become_straight() -> None:
    page = bars(14)
    bend = bend_of(page)
    assert bend is not None
    flattening = Flattening.of(Rotation.of(WIDTH, HEIGHT, 0.0), bend)
    flat = flatten_gray(page, flattening)
    assert flat.shape == (HEIGHT + 2 * flattening.margin_px, WIDTH)
    assert (flat < 128).any(axis=1).sum() < 0.75 * (page < 128).any(axis=1).sum()


def test_boxes_come_back_to_where_the_ink_was() -> None:
    page = bars(14)
    bend = bend_of(page)
    assert bend is not None
    flattening = Flattening.of(Rotation.of(WIDTH, HEIGHT, 0.0), bend)
    found = find_pieces(flatten_gray(page, flattening) < 128).found
    flat = np.column_stack([found.x0, found.y0, found.x1, found.y1])
    ink = find_pieces(page < 128).found
    true = np.column_stack([ink.x0, ink.y0, ink.x1, ink.y1])
    back = flattening.boxes_to_upright(flat)
    for box in back:
        edges = np.array([box.x0_px, box.y0_px, box.x1_px, box.y1_px])
        assert np.abs(true - edges).max(axis=1).min() <= 3
