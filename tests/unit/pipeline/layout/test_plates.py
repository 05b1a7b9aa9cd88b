"""A dark place with letters in rows is text, whatever darkness lies beside them."""

from __future__ import annotations

import numpy as np

from pipeline.binarize import InkImage, binarize
from pipeline.layout.page import find_pieces
from pipeline.layout.placed import Placed
from pipeline.layout.plates import Plates, set_plates_apart
from tests.drawing import make_page
from tests.unit.pipeline.layout.test_photographs import DPI, LINES


def plates(ink: InkImage) -> Plates:
    """The whole page is dark enough to be a photograph."""
    height, width = ink.shape
    pieces = find_pieces(ink)
    assert pieces.kinds is not None
    page = Placed(x0=0, y0=0, x1=width, y1=height)
    return set_plates_apart(pieces.found, pieces.kinds, pieces.chains, pieces.display, [page])


def test_a_page_that_lies_on_a_dark_table_in_a_shadow_is_text() -> None:
    ink = binarize(make_page(LINES[:8], dpi=DPI, size_in=(6.0, 8.0)))
    ink[900:] = True  # far more ink than the letters have
    found = plates(ink)

    assert found.boxes == ()
    assert sum(len(chain) for chain in found.chains) >= 200


def test_grain_with_a_few_words_in_it_is_a_photograph() -> None:
    ink = binarize(make_page(["", "", *LINES[:1]], dpi=DPI, size_in=(6.0, 8.0)))
    rng = np.random.default_rng(2)
    coarse = rng.random((100, 75)) < 0.3
    grain = np.kron(coarse, np.ones((16, 16), np.bool_))[: ink.shape[0], : ink.shape[1]]
    ink[300:] |= grain[300 : ink.shape[0]]
    found = plates(ink)

    assert len(found.boxes) == 1
