"""Dots that lead from an entry to its page number keep both in one line, and columns apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.layout.components import find_components, sort_components, text_height
from pipeline.layout.leaders import find_close_leaders, find_leaders, without_dots
from pipeline.layout.led_rows import are_led
from pipeline.layout.page import Layout, find_layout
from pipeline.line_pieces import split_row
from tests.drawing import built_in_font, make_page

Gray = npt.NDArray[np.uint8]
ENTRIES = (
    "Able to save", "Abundantly able", "A light on the shore", "Alina", "All because he",
    "All for the best", "All my life long", "All to thee", "America", "A pilgrim song",
    "Are you coming", "Ariel", "At the cross", "Avon",
)  # fmt: skip
PITCH_PX, LINES = 36, len(ENTRIES)


def entries(step_px: int, dot_px: int) -> Gray:
    """A column of an index, 700 px wide: names, dots below each other, numbers."""
    image = Image.new("L", (700, PITCH_PX * LINES + 40), 255)
    pen, font = ImageDraw.Draw(image), built_in_font(22)
    for k, name in enumerate(ENTRIES):
        foot = 40 + k * PITCH_PX
        pen.text((0, foot), name, font=font, fill=0, anchor="ls")
        pen.text((660, foot), str(101 + 37 * k), font=font, fill=0, anchor="rs")
        first = -(-int(font.getlength(name) + 8) // step_px) * step_px
        for x in range(first, 600, step_px):
            pen.ellipse((x, foot - dot_px, x + dot_px - 1, foot - 1), fill=0)
    return np.asarray(image, np.uint8)


def layout_of(*columns: Gray, white_px: int = 60) -> Layout:
    gap = np.full((columns[0].shape[0], white_px), 255, np.uint8)
    parts = [gap]
    for column in columns:
        parts += [column, gap]
    return find_layout(np.hstack(parts) < 128)


@pytest.mark.parametrize(("step_px", "dot_px"), [(48, 7), (36, 5), (10, 4)])
def test_entry_and_number_are_one_line(step_px: int, dot_px: int) -> None:
    layout = layout_of(entries(step_px, dot_px))
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(rows) == LINES
    assert all(row.x0 < 120 and row.x1 > 700 for row in rows)


@pytest.mark.parametrize(("step_px", "dot_px"), [(48, 7), (10, 4)])
def test_columns_of_an_index_are_read_one_after_the_other(step_px: int, dot_px: int) -> None:
    layout = layout_of(entries(step_px, dot_px), entries(step_px, dot_px))
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    assert len(rows) == 2 * LINES
    assert all(row.x1 < 760 for row in rows[:LINES]) and all(row.x0 > 760 for row in rows[LINES:])


def test_dots_are_read_with_their_entry() -> None:
    layout = layout_of(entries(48, 7))
    for paragraph in layout.paragraphs:
        for row in paragraph.rows:
            pieces = split_row(layout.found, row)
            assert len(pieces) <= 2, "name with dots, number"


@given(st.integers(3, 12), st.integers(30, 90), st.booleans())
@settings(max_examples=30)
def test_any_even_row_of_dots_is_found_whole(count: int, step_px: int, worn: bool) -> None:
    """Also where one is worn away amid others."""
    page = np.zeros((200, 1300), np.bool_)
    for k in range(12):
        page[60:80, 100 + 24 * k : 114 + 24 * k] = True  # letters, for their height
    for k in range(count):
        if not (worn and k == 3 and count >= 7 and step_px < 45):
            page[150:157, 100 + k * step_px : 107 + k * step_px] = True
    found = find_components(page)
    kinds = sort_components(found, text_height(found))
    leaders = find_leaders(found, kinds, text_height(found))
    assert len(leaders) == 1
    dots = int(((found.y0 == 150) & (found.width == 7)).sum())
    assert len(leaders[0]) == dots
    rest = without_dots(kinds, leaders)
    assert not np.isin(leaders[0], np.concatenate([rest.body, rest.mark])).any()
    assert are_led(found, leaders[0], 20.0).all()


def test_dots_of_letters_and_ellipses_lead_nowhere() -> None:
    text = [
        "minimising his insidious in-laws irritates him",
        "so he said ... and left: i i i i i i",
    ]
    ink = make_page(text, dpi=150, size_in=(6, 1.5)) < 128
    found = find_components(ink)
    kinds = sort_components(found, text_height(found))
    assert find_leaders(found, kinds, text_height(found)) == ()
    assert find_close_leaders(found, kinds, text_height(found)) == ()


def test_dots_that_lead_to_a_mark_alone_stay_out() -> None:
    """Nothing on their left, and on their right only what is too low for a row."""
    page = np.zeros((200, 1300), np.bool_)
    for k in range(12):
        page[60:80, 100 + 24 * k : 114 + 24 * k] = True
        page[145:156, 700 + 24 * k : 714 + 24 * k] = True
    for k in range(5):
        page[150:157, 300 + 60 * k : 307 + 60 * k] = True
    layout = find_layout(page)
    assert sum(len(paragraph.rows) for paragraph in layout.paragraphs) >= 1
