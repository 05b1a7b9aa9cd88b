"""Small type is found beside large type, and figures that hang below their line stay in it."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.layout.components import find_components
from pipeline.layout.page import find_layout
from pipeline.layout.row import make_rows
from pipeline.layout.rows import join_near
from pipeline.specks import remove_specks
from tests.drawing import make_page

LARGE = ["Once upon a time", "there was a king", "who had a castle"]


@pytest.mark.parametrize("small", ["seas are near our rooms as we serve", "nor ruses nor sums"])
def test_letters_lower_than_half_of_the_pages_are_no_row_of_dashes(small: str) -> None:
    large = make_page(LARGE, dpi=300, size_pt=24, size_in=(5.0, 2.0))
    note = make_page([f"The {small} here"], dpi=300, size_pt=10, size_in=(5.0, 0.6))

    layout = find_layout(np.vstack([large, note]) < 128)

    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(rows) == 4
    assert len(rows[-1].members) >= len(f"The{small}here".replace(" ", "")) - 1
    assert not layout.furniture.rules


@pytest.mark.parametrize("top", [34, 39])
def test_commas_and_figures_that_hang_below_their_line_are_in_it(top: int) -> None:
    """Commas of small type are as high as half a letter, and made a line with old-style figures."""
    ink = np.zeros((80, 700), np.bool_)
    is_low = []
    x = 10
    for sign in "xxxxxxxxxx,9,xx,9xx9,9,xx,9x9,xxxxxxx,9":
        first, last, width = {"x": (26, 38, 10), "9": (top, 43, 10), ",": (top, 43, 4)}[sign]
        ink[first:last, x : x + width] = True
        is_low.append(sign != "x")
        x += width + 4
    found = find_components(ink)
    low = np.array(is_low)[np.argsort(np.argsort(found.x0))]

    rows = join_near(found, make_rows(found, [np.flatnonzero(~low), np.flatnonzero(low)]))

    # What does not reach into the line is another's.
    assert len(rows) == (1 if top == 34 else 2)


@pytest.mark.parametrize("size_pt", [7, 8])
def test_a_line_of_type_below_half_of_the_pages_letters_is_a_row(size_pt: int) -> None:
    large = make_page(LARGE, dpi=300, size_pt=30, size_in=(5.0, 2.2))
    imprint = "Printed in Great Britain by Neill"
    small = make_page([imprint], dpi=300, size_pt=size_pt, size_in=(5.0, 0.6))

    rows = [
        row
        for paragraph in find_layout(np.vstack([large, small]) < 128).paragraphs
        for row in paragraph.rows
    ]

    assert len(rows) == 4
    assert len(rows[-1].members) >= len(imprint.replace(" ", ""))


def test_dust_below_large_type_is_no_row() -> None:
    large = make_page(LARGE, dpi=300, size_pt=30, size_in=(5.0, 2.2))
    dust = np.full((400, large.shape[1]), 255, np.uint8)
    rng = np.random.default_rng(4)
    for _ in range(120):
        y, x = int(rng.integers(390)), int(rng.integers(large.shape[1] - 12))
        height, width = rng.integers(3, 12, 2).tolist()
        dust[y : y + height, x : x + width] = 0

    layout = find_layout(np.vstack([large, dust]) < 128)

    assert sum(len(paragraph.rows) for paragraph in layout.paragraphs) == len(LARGE)


def test_letters_of_small_type_are_no_specks_of_a_poster() -> None:
    poster = make_page(["SALE"], dpi=300, size_pt=100, size_in=(5.0, 2.2))
    note = make_page(
        ["Children all born at Colchester except"] * 3, dpi=300, size_pt=9, size_in=(5.0, 1.0)
    )
    page = np.vstack([poster, note])
    found = find_components(page < 128)

    assert remove_specks(page, page < 128, found, 250.0, 4) is None
