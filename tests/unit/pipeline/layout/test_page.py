from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.layout.page import Layout, find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
WORDS = ["five", "boxing", "wizards", "jump", "quickly", "over", "many", "lazy", "dogs"]


def layout_of(gray: Gray) -> Layout:
    return find_layout(gray < 128)


def rows_of(layout: Layout) -> list[tuple[int, int, float]]:
    """x0, x1 and baseline of every row in reading order."""
    return [(r.x0, r.x1, r.bottom) for p in layout.paragraphs for r in p.rows]


def letters(text: str) -> int:
    return len(text.replace(" ", ""))


def test_every_line_is_one_row_from_top_to_bottom() -> None:
    lines = [" ".join(WORDS[k : k + 4]) for k in range(5)]

    rows = rows_of(layout_of(make_page(lines, dpi=200)))

    assert len(rows) == 5
    baselines = [y for _, _, y in rows]
    assert baselines == sorted(baselines)


def test_columns_are_read_one_after_the_other() -> None:
    left = [" ".join(WORDS[k % 5 :][:4]) for k in range(24)]
    page = np.full((1700, 1000), 255, np.uint8)
    for x in (0, 440):
        column = make_page(left, dpi=200, size_pt=12, size_in=(2.6, 8.4), margin_in=0.2)
        page[: column.shape[0], x : x + column.shape[1]] = column

    rows = rows_of(layout_of(page))

    assert len(rows) == 48
    assert all(x1 < 470 for _, x1, _ in rows[:24])
    assert all(x0 > 470 for x0, _, _ in rows[24:])


def test_an_amount_far_to_the_right_stays_in_its_row() -> None:
    page = np.full((500, 900), 255, np.uint8)
    for x, text in ((0, ["Milk", "Bread", "Total"]), (600, ["1.20", "2.35", "3.55"])):
        part = make_page(text, dpi=150, size_in=(1.9, 3.0), margin_in=0.3)
        page[: part.shape[0], x : x + part.shape[1]] = part

    rows = rows_of(layout_of(page))

    assert len(rows) == 3
    assert all(x0 < 100 and x1 > 640 for x0, x1, _ in rows)


def test_paragraphs_part_at_extra_white_and_at_an_indent() -> None:
    block = ["one line of words here", "a second line of words", "and a third line of it"]
    by_white = layout_of(make_page([*block, "", *block], dpi=200))
    by_indent = layout_of(make_page([*block, "     " + block[0], *block[1:], *block], dpi=200))

    assert [len(p.rows) for p in by_white.paragraphs] == [3, 3]
    assert [len(p.rows) for p in by_indent.paragraphs] == [3, 6]


def test_marks_belong_to_their_line_and_dust_to_none() -> None:
    page = make_page("Is it: yes, no; - 12 -", dpi=300)
    dusty = page.copy()
    dusty[800:804, 40:44] = 0

    clean, dirty = layout_of(page), layout_of(dusty)

    assert len(rows_of(clean)) == len(rows_of(dirty)) == 1
    # i has two parts, so have : and ;
    (row,) = clean.paragraphs[0].rows
    assert len(row.members) == letters("Is it: yes, no; - 12 -") + 1 + 2
    assert rows_of(clean) == rows_of(dirty)


def test_lines_that_touch_are_cut_apart() -> None:
    page = make_page(["many pages by my people", "dull hills billed until"], dpi=300)
    rows = rows_of(layout_of(page))
    # A smear from a letter above to a letter below.
    x = rows[0][0] + 200
    page[int(rows[0][2]) - 10 : int(rows[1][2]) - 5, x : x + 5] = 0

    touching = layout_of(page)

    assert len(rows_of(touching)) == 2
    for row in (r for p in touching.paragraphs for r in p.rows):
        heights = touching.found.height[row.members]
        assert heights.max() < rows[1][2] - rows[0][2]


def test_a_page_without_text_has_no_rows() -> None:
    for value in (0, 255):
        assert layout_of(np.full((300, 200), value, np.uint8)).paragraphs == ()


def test_widely_spaced_lines_are_one_paragraph_and_a_gap_parts_two() -> None:
    page = np.full((1400, 1000), 255, np.uint8)
    line = " ".join(WORDS[:6])
    y = 40
    for k in range(10):
        part = make_page([line], dpi=150, size_in=(6.0, 0.5), margin_in=0.1)
        page[y : y + part.shape[0], : part.shape[1]] = np.minimum(
            page[y : y + part.shape[0], : part.shape[1]], part
        )
        y += 50 if k != 4 else 110

    layout = layout_of(page)

    assert [len(p.rows) for p in layout.paragraphs] == [5, 5]


def test_more_components_than_are_kept_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    # The largest are kept, so labels of the others may be above those of all that are kept.
    monkeypatch.setattr("pipeline.layout.components.MAX_COMPONENTS", 40)
    gray = make_page("Many letters\nare on this\npage of text")
    gray[-40:-1:4, ::4] = 0
    ink = gray < 128
    height, width = ink.shape
    lines = cut_lines(gray, find_layout(ink), Rotation.of(width, height, 0.0))
    assert lines
    for line in lines:
        assert line.owner.max() <= len(line.glyphs)
