"""Cells whose letters are all of one height are small letters or capitals as their rows show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ocrq.types import PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.engines.engine import LetterSize
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
NAMES = ("Apple tree", "Lemon balm", "Dill herb", "Kohlrabi", "Bulb of fennel", "Thyme")
#: Rows of one table: a name, and words that are drawn alike in small letters and capitals.
CELLS = (
    ("sows", "SOWS"), ("x", "X"), ("zoo", "zoo"), ("SOX", "cow"), ("vow", "WOO"), ("COS", "cos"),
)  # fmt: skip


def table(cells: Sequence[Sequence[str]] = CELLS, names: Sequence[str] = NAMES) -> Gray:
    image = Image.new("L", (1500, 120 + 70 * len(cells)), 255)
    draw = ImageDraw.Draw(image)
    for k, row in enumerate(cells):
        for column, text in enumerate([names[k], *row] if names else row):
            draw.text((80 + 480 * column, 60 + 70 * k), text, fill=0, font=built_in_font(40))
    return np.asarray(image, np.uint8).copy()


def sizes(gray: Gray) -> list[LetterSize | None]:
    layout = find_layout(binarize(gray))
    lines = cut_lines(gray, layout, Rotation.of(gray.shape[1], gray.shape[0], 0.0))
    places = sorted(lines, key=lambda line: (round(line.top_px / 70), line.left_px))
    return [line.letters_are for line in places]


def read(gray: Gray, classes: str = "ascii") -> PageResult:
    size = (int(gray.shape[1]), int(gray.shape[0]))
    page = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=size)
    options = PageOptions(engine="crnn", classes=classes)
    return process_page(page, options, load_engine("crnn"))


def expected(text: str) -> LetterSize:
    return "capital" if text.isupper() else "small"


def test_the_row_tells_what_its_cells_hold() -> None:
    found = sizes(table())
    assert found[0::3] == [None] * len(NAMES)
    assert found[1::3] == [expected(row[0]) for row in CELLS]
    assert found[2::3] == [expected(row[1]) for row in CELLS]


def test_nobody_tells_where_all_letters_are_of_one_height() -> None:
    assert set(sizes(table([("SOWS", "SOX")] * 5, names=()))) == {None}


def test_lines_of_two_sizes_that_disagree_tell_nothing() -> None:
    """Capitals of the small print are as high as the small letters of the large one."""
    image = Image.new("L", (1500, 700), 255)
    draw = ImageDraw.Draw(image)
    for k, (text, size_px) in enumerate(
        [("Large hand of old", 60), ("Small hand of old", 44), ("sows", 60), ("Large bell", 60),
         ("Small bell of all", 44)]
    ):  # fmt: skip
        draw.text((80, 40 + 130 * k), text, fill=0, font=built_in_font(size_px))
    assert sizes(np.asarray(image, np.uint8).copy())[2] is None


def test_cells_are_read_in_their_case() -> None:
    result = read(table())
    words = {word for line in result.lines for word in line.text.split()}
    assert {text for row in CELLS for text in row} <= words


def test_letters_that_cannot_be_mistaken_have_the_last_word() -> None:
    """A line is read as it looks where its neighbours are of another size than it."""
    image = Image.new("L", (1500, 500), 255)
    draw = ImageDraw.Draw(image)
    for k, (text, size_px) in enumerate(
        [("The whole of it", 56), ("Bills of old", 56), ("NEW YORK", 41), ("The half of it", 56)]
    ):
        draw.text((80, 40 + 100 * k), text, fill=0, font=built_in_font(size_px))
    result = read(np.asarray(image, np.uint8).copy())
    assert "NEW YORK" in [line.text for line in result.lines]


def test_letters_that_are_shut_out_stay_so() -> None:
    result = read(table(), "upper36")
    words = {word for line in result.lines for word in line.text.split()}
    assert {"SOWS", "SOX", "COS"} <= words
    assert not any(word.isalpha() and not word.isupper() for word in words)
