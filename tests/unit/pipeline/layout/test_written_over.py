"""Text under a pen's strokes or a large stamp is text; a map, whose words are few, is a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ocrq.types import RegionKind
from pipeline.layout.page import Layout, find_layout
from tests.drawing import built_in_font, make_page

Gray = npt.NDArray[np.uint8]

ROWS = [
    f"{name:<12}{price:>30}"
    for name, price in (
        ("Brown bread", "4.25"), ("Milk", "1.99"), ("Green tea", "12.40"), ("Apples", "3.75"),
        ("Rice", "22.10"), ("Olive oil", "18.60"), ("Dish soap", "2.49"), ("Honey jar", "7.15"),
        ("Pasta", "1.35"), ("Potatoes", "5.80"), ("Coffee", "31.05"), ("Total", "110.83"),
    )
]  # fmt: skip
STROKES = [
    [(10, 30), (640, 90), (20, 640), (600, 660)],
    [(500, 20), (60, 130), (590, 380), (90, 680)],
    [(20, 480), (420, 10), (180, 560), (560, 190)],
]


def receipt() -> Gray:
    return make_page(ROWS, dpi=150, size_pt=9, size_in=(3.5, 4.0))


def with_pen(page: Gray, factor: float = 0.8) -> Gray:
    t = np.linspace(0, 1, 300)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])
    for ends in STROKES:
        curve = np.round(weights @ (factor * np.array(ends))).astype(np.int32)
        cv2.polylines(page, [curve], False, 0, 2)
    return page


def rows_of_text(layout: Layout) -> int:
    return sum(len(p.rows) for p in layout.paragraphs if p.kind is RegionKind.TEXT)


def test_text_under_a_pens_strokes_is_text() -> None:
    layout = find_layout(with_pen(receipt()) < 128)
    assert layout.furniture.pictures == ()
    assert rows_of_text(layout) >= len(ROWS)


def test_a_stroke_that_touches_a_barcode_is_no_picture() -> None:
    page = np.vstack([receipt(), np.full((60, 525), 255, np.uint8)])
    x = 150
    for bar in (3, 1, 2, 4, 1, 2, 3, 1, 4, 2, 1, 3, 2, 2, 1, 4, 3, 1, 2, 1, 4, 2):
        page[480:560, x : x + bar] = 0
        x += bar + 3
    layout = find_layout(with_pen(page) < 128)
    assert all(box.height < 100 for box in layout.furniture.pictures)
    assert rows_of_text(layout) >= len(ROWS)


def test_rows_that_a_stamp_lies_on_are_text() -> None:
    table = [f"A{k}1    item of goods   " + " " * 20 + f"{k} pcs    {k}7.50" for k in range(10, 26)]
    page = make_page([x for row in table for x in (row, "")], dpi=100, size_pt=9, size_in=(6, 6.5))
    stamp = cv2.putText(np.full_like(page, 255), "PAID", (120, 330), 1, 9.0, 0, 24)
    stamp = cv2.rectangle(stamp, (95, 210), (470, 350), 0, 9)
    turn = cv2.getRotationMatrix2D((280, 280), 20, 1.0)
    page = np.minimum(page, cv2.warpAffine(stamp, turn, page.shape[::-1], borderValue=255))
    layout = find_layout(page < 128)
    assert rows_of_text(layout) >= len(table)


def test_a_frame_with_a_huge_price_is_no_picture() -> None:
    image = Image.new("L", (560, 720), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 550, 350), outline=0, width=4)
    for y, text in ((30, "Brown bread, sliced"), (60, "800 g  1 kg = 4.05"), (320, "4001234567")):
        draw.text((30, y), text, fill=0, font=built_in_font(20))
    draw.text((60, 80), "12.95", fill=0, font=built_in_font(190))
    layout = find_layout(np.asarray(image) < 128)
    assert layout.furniture.pictures == ()
    assert rows_of_text(layout) == 4
