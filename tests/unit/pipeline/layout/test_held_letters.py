"""Letters that touch the side of a box belong to their lines; what else touches it does not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.layout.page import find_layout, find_pieces
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
DPI = 200
LINES = ["Fair value: 69.00", "Prior estimate: 5.1", "Market cap: 3.8", "Range: 40.81 to 59"]
SIZE_IN = (3.2, 1.6)


def with_side(page: Gray, kind: str) -> Gray:
    """The page with an upright that touches the first letters."""
    first = int(np.flatnonzero((page < 128).any(axis=0))[0])
    page = page.copy()
    x, y0, y1 = first + 1, 30, page.shape[0] - 20
    if kind == "solid":
        page[y0:y1, x - 5 : x] = 0
    else:
        page[y0:y1, x - 7 : x] = 255
        page[y0:y1, x - 5 : x - 2] = 0
        for y in range(y0, y1, 6):  # dots that stand in threes and run together
            page[y : y + 3, x - 7 : x] = 0
    return page


def lines_of(page: Gray) -> list[tuple[int, int]]:
    rows = [row for p in find_layout(page < 128).paragraphs for row in p.rows]
    return [(len(row.members), row.x1) for row in rows]


@pytest.mark.parametrize("kind", ["solid", "dots"])
def test_first_letters_are_cut_off_from_the_side(kind: str) -> None:
    page = make_page(LINES, dpi=DPI, size_in=SIZE_IN)
    ruled = with_side(page, kind)

    assert lines_of(ruled) == lines_of(page)


def test_marks_of_a_scale_are_no_letters() -> None:
    page = make_page(LINES, dpi=DPI, size_in=SIZE_IN)
    page[30:-20, 30:34] = 0
    for y in range(40, page.shape[0] - 30, 40):
        page[y : y + 16, 34:44] = 0
    pieces = find_pieces(page < 128)

    assert len(pieces.found) == pieces.found.highest
