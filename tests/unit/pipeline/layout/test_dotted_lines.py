"""The dots of dotted lines to write on don't say how high letters are; those of small print do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import find_components, text_height
from pipeline.layout.dotted_lines import height_of_letters
from pipeline.layout.page import find_layout
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]

LABELS = ["Name  Oscar", "Address  Mill Lane", "City  Bristol", "Phone  5662467", "Date  27 March"]


def form() -> Gray:
    """Labels and words on dotted lines from edge to edge."""
    page = make_page([x for label in LABELS for x in (label, "")], dpi=150, size_in=(9, 4.2))
    for k in range(len(LABELS)):
        y = 90 + 70 * k
        for x in range(60, 1290, 9):
            page[y : y + 5, x : x + 4] = 0
    return page


def test_dots_of_dotted_lines_are_no_letters() -> None:
    ink = form() < 128
    assert text_height(find_components(ink)) < 8
    layout = find_layout(ink)
    assert layout.text_height_px > 12
    assert sum(len(p.rows) for p in layout.paragraphs) == len(LABELS)


def test_small_print_has_its_own_height() -> None:
    found = find_components(make_page(["small print, i.e. with dots..."] * 9, dpi=72) < 128)
    assert height_of_letters(found) == text_height(found) > 0
