"""A hair or a ring that joins letters of two lines makes no row, and takes no letter out of one."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pipeline.layout.components import Components
from pipeline.layout.page import find_layout, find_pieces
from pipeline.layout.row import Row
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
LINES = (
    "how acute was the list of the ship",
    "room was an inside one with a porthole",
    "and consequently could be lighted only",
    "by electric lamps on the switch board",
)
FONT_PX, TOP, PITCH, LEFT = 30, 40, 48, 40


def page(lines: tuple[str, ...] = LINES) -> Gray:
    image = Image.new("L", (700, 2 * TOP + PITCH * len(lines)), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(FONT_PX)
    for k, line in enumerate(lines):
        pen.text((LEFT, TOP + k * PITCH), line, font=font, fill=0)
    return np.asarray(image, np.uint8).copy()


def rows_of(gray: Gray) -> tuple[Components, list[Row]]:
    layout = find_layout(gray < 128)
    return layout.found, [row for p in layout.paragraphs for row in p.rows]


def extent(found: Components, row: Row) -> list[int]:
    """The box of a row's members."""
    m = row.members
    return [int(v) for v in (found.x0[m].min(), found.y0[m].min(), found.x1[m].max(),
                             found.y1[m].max())]  # fmt: skip


def ink_in(found: Components, row: Row) -> npt.NDArray[np.bool_]:
    return np.isin(found.labels, found.label[row.members])


def hair(gray: Gray, x: int, lines: int, thick_px: int = 1) -> Gray:
    """A crooked stroke from the first line on down through so many."""
    y0, y1 = TOP + 10, TOP + (lines - 1) * PITCH + 26
    steps = np.array([(x + (9 if k % 2 else -9), y) for k, y in enumerate(range(y0, y1, 8))])
    cv2.polylines(gray, [steps.astype(np.int32)], False, 0, thick_px)
    return gray


def test_rows_that_a_hair_joins_are_as_without_it() -> None:
    plain, plain_rows = rows_of(page())
    for x in (120, 300, 460):
        found, rows = rows_of(hair(page(), x, 2))
        assert len(rows) == len(plain_rows) == len(LINES)
        for row, expected in zip(rows, plain_rows, strict=True):
            off = np.abs(np.subtract(extent(found, row), extent(plain, expected)))
            assert off.max() <= 0.3 * PITCH


def test_letters_that_a_hair_joins_are_in_their_rows() -> None:
    plain, plain_rows = rows_of(page())
    found, rows = rows_of(hair(page(), 300, 2, 2))
    for row, expected in zip(rows, plain_rows, strict=True):
        own = ink_in(plain, expected)
        assert (ink_in(found, row) & own).sum() > 0.97 * own.sum()


def test_letters_of_another_size_are_no_hair() -> None:
    image = Image.fromarray(page())
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, LEFT + 75, TOP + 2 * PITCH - 8), fill=255)
    pen.text((LEFT, TOP - 12), "A", font=built_in_font(2 * FONT_PX + 24), fill=0)
    pen.text((LEFT + 400, TOP + 3 * PITCH), "TOTAL", font=built_in_font(2 * FONT_PX), fill=0)
    kinds = find_pieces(np.asarray(image) < 128).kinds
    assert kinds is not None and not len(kinds.crossed)
    kinds = find_pieces(hair(page(), 300, 2) < 128).kinds
    assert kinds is not None and len(kinds.crossed) == 1
