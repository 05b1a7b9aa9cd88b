"""A pen's loop around an amount and a frame that letters touch take nothing out of their rows."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from pipeline.layout.page import Layout, find_layout
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
ITEMS = (
    ("Coffee beans", "12.40"),
    ("Pencils and ink", "3.85"),
    ("Total", "16.25"),
    ("Cash", "20.00"),
)
FONT_PX, TOP, PITCH, LEFT, RIGHT = 34, 60, 62, 60, 520


def receipt() -> Gray:
    image = Image.new("L", (760, 420), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(FONT_PX)
    for k, (what, price) in enumerate(ITEMS):
        pen.text((LEFT, TOP + k * PITCH), what, font=font, fill=0)
        pen.text((RIGHT, TOP + k * PITCH), price, font=font, fill=0)
    return np.asarray(image, np.uint8).copy()


def letters_of(layout: Layout) -> list[int]:
    """Letters of each row, from top to bottom; a pen's stroke is none."""
    rows = [row for p in layout.paragraphs for row in p.rows]
    heights = [layout.found.height[row.members] for row in rows]
    return [int(((h > 10) & (h < 2 * FONT_PX)).sum()) for h in heights]


def ink_of_rows(layout: Layout) -> npt.NDArray[np.bool_]:
    members = np.concatenate([row.members for p in layout.paragraphs for row in p.rows])
    return np.isin(layout.found.labels, layout.found.label[members])


def amount_box(k: int) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = built_in_font(FONT_PX).getbbox(ITEMS[k][1])
    return (
        round(RIGHT + x0),
        round(TOP + k * PITCH + y0),
        round(RIGHT + x1),
        round(TOP + k * PITCH + y1),
    )


def is_whole(clean: Gray, layout: Layout, box: tuple[int, int, int, int]) -> bool:
    """Whether the rows have nearly all ink of what stands in a box."""
    x0, y0, x1, y1 = box
    ink = clean[y0:y1, x0:x1] < 128
    return bool(ink_of_rows(layout)[y0:y1, x0:x1][ink].mean() > 0.85)


@pytest.mark.parametrize("pen_px", [3, 5])
@pytest.mark.parametrize("reach_px", [-6, 2, 14])
@pytest.mark.parametrize("gap_deg", [0, 20])
def test_an_amount_in_a_loop_stays_in_its_row(pen_px: int, reach_px: int, gap_deg: int) -> None:
    """The loop touches the amount's first and last digit, or goes around it; it may be open."""
    clean = receipt()
    page = clean.copy()
    x0, y0, x1, y1 = amount_box(2)
    centre = ((x0 + x1) // 2, (y0 + y1) // 2)
    axes = ((x1 - x0) // 2 + reach_px, 44)
    cv2.ellipse(page, centre, axes, 0, gap_deg, 360, 0, pen_px, cv2.LINE_AA)

    layout = find_layout(page < 128)

    assert is_whole(clean, layout, (x0, y0, x1, y1))
    rows = [row for p in layout.paragraphs for row in p.rows if len(row.members) > 3]
    assert len(rows) == len(ITEMS)
    assert not any(layout.found.height[row.members].max() > 2 * FONT_PX for row in rows), (
        "the loop is no letter"
    )


def test_a_loop_through_a_word_leaves_the_word() -> None:
    clean = receipt()
    page = clean.copy()
    x0, y0, x1, y1 = amount_box(1)
    # The upper end of a loop around the total strikes the amount above it.
    cv2.ellipse(page, ((x0 + x1) // 2, (y0 + y1) // 2 + 60), (90, 58), 0, 0, 360, 0, 3, cv2.LINE_AA)

    layout = find_layout(page < 128)

    assert is_whole(clean, layout, (x0, y0, x1, y1))
    assert is_whole(clean, layout, amount_box(2))


@pytest.mark.parametrize("tilt_px", [0, 12])
def test_letters_that_touch_a_frame_stay_in_their_rows(tilt_px: int) -> None:
    clean = receipt()
    page = clean.copy()
    x0, y0, x1, y1 = amount_box(2)
    # The right side goes through the last digit, the lower one is bent.
    corners = [(40, y0 - 26), (x1 - 3, y0 - 26), (x1 - 3, y1 + 24 + tilt_px), (40, y1 + 24)]
    cv2.polylines(page, [np.array(corners, np.int32)], isClosed=True, color=0, thickness=3)

    layout = find_layout(page < 128)

    assert is_whole(clean, layout, (x0, y0, x1, y1))
    assert len([row for p in layout.paragraphs for row in p.rows if len(row.members) > 3]) == 4


def test_the_bed_of_a_scanner_and_a_loop_that_touches_nothing_give_no_letters() -> None:
    clean = receipt()
    page = np.pad(clean, ((0, 0), (0, 160)), constant_values=255)
    cv2.line(page, (820, -20), (900, 440), 0, 60)
    cv2.ellipse(page, (RIGHT + 50, TOP + 2 * PITCH + 22), (95, 40), 0, 0, 360, 0, 3, cv2.LINE_AA)

    layout = find_layout(page < 128)

    assert letters_of(layout) == letters_of(find_layout(clean < 128))
