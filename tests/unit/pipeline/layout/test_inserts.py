"""Columns are read down past what stands between them: a photograph, its caption, a quotation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from pipeline.layout.page import Layout, arrange, find_pieces
from pipeline.layout.photographs import find_dark, scan_tones
from pipeline.rotation import Rotation
from tests.drawing import built_in_font

Gray = npt.NDArray[np.uint8]
Hole = tuple[int, int, int, int]  # x0, y0, x1, y1: what the lines of both columns keep away from

FONT_PX, PITCH, LINES = 26, 40, 40
LEFT, MIDDLE, RIGHT, GAP = 60, 640, 1220, 36
TOP = 160
TEXT = (
    "the ferry left at seven and came back before rain and nobody had opened the old cupboard "
    "since our school was closed for every parish kept two books one of them for births"
)
BESIDE = 40  # white between a hole and the lines, px


def draw_columns(*holes: Hole) -> tuple[Image.Image, list[int]]:
    """Two columns of text around holes, and the left ends of lines, the left column's first."""
    image = Image.new("L", (RIGHT + 60, TOP + LINES * PITCH + 60), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(FONT_PX)
    words, starts, word = TEXT.split(), [], 0
    for column in (0, 1):
        for k in range(LINES):
            y = TOP + k * PITCH
            x0, x1 = (LEFT, MIDDLE - GAP // 2) if column == 0 else (MIDDLE + GAP // 2, RIGHT)
            for hole_x0, hole_y0, hole_x1, hole_y1 in holes:
                if hole_y0 - 20 < y + PITCH and y < hole_y1 + 20:
                    x0, x1 = (
                        (x0, min(x1, hole_x0 - BESIDE))
                        if column == 0
                        else (max(x0, hole_x1 + BESIDE), x1)
                    )
            line = ""
            while font.getlength(longer := f"{line} {words[word % len(words)]}".strip()) <= x1 - x0:
                line, word = longer, word + 1
            pen.text((x0, y), line, font=font, fill=0)
            starts.append(x0)
    return image, starts


def draw_centred(image: Image.Image, lines: list[str], y: int, size_px: int) -> None:
    pen, font = ImageDraw.Draw(image), built_in_font(size_px)
    for k, line in enumerate(lines):
        x = MIDDLE - font.getlength(line) / 2
        pen.text((x, y + round(1.6 * k * size_px)), line, font=font, fill=0)


def layout_of(image: Image.Image) -> Layout:
    page: Gray = np.asarray(image, np.uint8)
    height, width = page.shape
    pieces, mapping = find_pieces(page < 128), Rotation.of(width, height, 0.0)
    letter_px = pieces.text_height_px
    dark = find_dark(scan_tones(page, letter_px), letter_px, mapping, (width, height))
    return arrange(pieces, mapping, dark)


def lefts(layout: Layout) -> list[int]:
    """Of all rows in reading order."""
    return [row.x0 for paragraph in layout.paragraphs for row in paragraph.rows]


@pytest.mark.parametrize("height_px", [200, 600])  # lower ones show no corridor beside them
def test_columns_are_read_down_past_a_photograph_and_its_caption(height_px: int) -> None:
    photograph = (420, 420, 860, 420 + height_px)
    below = photograph[3] + 20
    image, starts = draw_columns(photograph, (500, below, 780, below + 210))
    ImageDraw.Draw(image).rectangle(photograph, fill=0)  # as a copier makes a dark one
    ImageDraw.Draw(image).line((430, 500, 700, 520), fill=255, width=6)
    draw_centred(image, ["Roofs of the", "old harbour", "of which most", "are new"], below + 10, 26)

    found = lefts(layout_of(image))

    assert found[: 2 * LINES] == pytest.approx(starts, abs=4)
    assert len(found) == 2 * LINES + 4
    assert all(480 < x < MIDDLE for x in found[2 * LINES :])


def test_columns_are_read_down_past_a_quotation() -> None:
    image, starts = draw_columns((460, 700, 820, 900))
    draw_centred(image, ["Nobody had opened", "that cupboard since", "they closed it"], 720, 34)

    found = lefts(layout_of(image))

    assert found[: 2 * LINES] == pytest.approx(starts, abs=4)
    assert len(found) == 2 * LINES + 3


def test_a_heading_of_spaced_letters_is_not_cut_between_columns() -> None:
    image, starts = draw_columns()
    pen = ImageDraw.Draw(image)
    for k, letter in enumerate("dateline"):  # the white at the columns' gap is between two letters
        pen.text((MIDDLE + 42 * (k - 4) + 14, 40), letter, font=built_in_font(34), fill=0)

    layout = layout_of(image)

    found = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(found[0].members) == len("dateline") + 1  # the dot
    assert [row.x0 for row in found[1:]] == pytest.approx(starts, abs=4)


def test_a_heading_between_columns_parts_those_above_from_those_below() -> None:
    image, starts = draw_columns((0, 800, RIGHT, 840))
    ImageDraw.Draw(image).rectangle((0, 780, RIGHT + 60, 870), fill=255)
    draw_centred(image, ["After the rain"], 800, 34)

    tops = [row.top for p in layout_of(image).paragraphs for row in p.rows]

    heading = next(k for k, top in enumerate(tops) if 790 < top < 850)
    assert all(top < 790 for top in tops[:heading])
    assert all(top > 850 for top in tops[heading + 1 :])
    assert 0 < heading < len(tops) - 1 < len(starts)


def test_a_table_between_columns_is_read_across() -> None:
    image, _ = draw_columns((0, 600, RIGHT, 1000))
    pen, font = ImageDraw.Draw(image), built_in_font(FONT_PX)
    pen.rectangle((0, 580, RIGHT + 60, 1030), fill=255)
    for k, (name, street, sum_) in enumerate([("Anna Holt", "Alder Quay", "12.50")] * 8):
        for x, text in ((LEFT, name), (MIDDLE - 60, street), (RIGHT - 80, sum_)):
            pen.text((x, 620 + k * 45), text, font=font, fill=0)

    rows = [row for p in layout_of(image).paragraphs for row in p.rows]

    table = [row for row in rows if 600 < row.top < 1000]
    assert len(table) == 8
    assert all(row.x0 < LEFT + 5 and row.x1 > RIGHT - 100 for row in table)


def test_labels_on_both_sides_of_a_plot_are_no_rows() -> None:
    image = Image.new("L", (1300, 1000), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(FONT_PX)
    x = np.arange(250, 970, 6)
    for phase in range(6):
        curve = 500 + 220 * np.sin(x / 100 + phase)
        pen.line(np.column_stack([x, curve]).ravel().tolist(), fill=0, width=6)
    for k in range(6):
        pen.text((120, 300 + 70 * k), f"{600 - 100 * k}", font=font, fill=0)
        pen.text((1040, 300 + 70 * k), "a name of it", font=font, fill=0)
    draw_centred(image, ["What a plot has shown of the names at its right"], 880, FONT_PX)

    rows = [row for p in layout_of(image).paragraphs for row in p.rows]

    assert all(row.x1 < 250 or row.x0 > 970 for row in rows if row.top < 800)
    assert sum(row.x0 > 970 for row in rows) == 6
    assert len(rows) >= 13
