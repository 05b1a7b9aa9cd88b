"""What must hold for every page, whatever is on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrq.types import Box, PageOptions, PageResult
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.blocks import find_blocks, split_paragraphs
from pipeline.layout.page import find_layout
from pipeline.layout.placed import Placed
from pipeline.lines import cut_lines
from pipeline.order import reading_order
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
FAKE = load_engine("tests.engines.fake:make_engine")

places = st.builds(
    lambda x, y, w, h: Placed(x0=x, y0=y, x1=x + w, y1=y + h),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(1, 200),
    st.integers(1, 40),
)


@st.composite
def dirty_pages(draw: st.DrawFn) -> Gray:
    """A page of any size with text, bars and noise on it."""
    height, width = draw(st.integers(1, 260)), draw(st.integers(1, 260))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    page = np.full((height, width), 255, np.uint8)
    if draw(st.booleans()):
        text = make_page("Ag, i:;\n=12", dpi=90, size_in=(3.0, 3.0), margin_in=0.05)
        page &= text[:height, :width]
    for _ in range(draw(st.integers(0, 4))):
        y, x = rng.integers(0, height), rng.integers(0, width)
        page[y : y + rng.integers(1, 80), x : x + rng.integers(1, 80)] = rng.integers(0, 200)
    noise = draw(st.sampled_from((0.0, 0.002, 0.2, 0.9)))
    page[rng.random(page.shape) < noise] = 0
    return page


def read(gray: Gray) -> PageResult:
    height, width = gray.shape
    image = PageImage(gray=gray, dpi=100, dpi_is_estimated=True, scan_size_px=(width, height))
    return process_page(image, PageOptions(), FAKE)


@given(dirty_pages())
@settings(max_examples=40)
def test_every_box_lies_inside_of_the_page(gray: Gray) -> None:
    result = read(gray)

    def inside(box: Box) -> bool:
        return box.x1_px <= result.width_px and box.y1_px <= result.height_px

    assert {result.width_px, result.height_px} == set(gray.shape) or result.rotation_deg == 0
    numbers = [r.number for r in result.regions]
    assert numbers == list(range(len(numbers)))
    assert all(inside(r.box) for r in result.regions)
    for line in result.lines:
        assert inside(line.box)
        assert line.region in numbers
        assert "".join(c.char for c in line.chars) == line.text
        assert line.box == Box.union(c.box for c in line.chars if inside(c.box))
        for x, y in line.baseline:
            assert 0 <= x <= result.width_px
            assert 0 <= y <= result.height_px


@given(dirty_pages())
@settings(max_examples=150)
def test_no_ink_is_in_two_rows_and_every_glyph_has_ink(gray: Gray) -> None:
    layout = find_layout(gray < 128)
    members = [k for p in layout.paragraphs for r in p.rows for k in r.members.tolist()]
    assert len(members) == len(set(members))
    height, width = gray.shape
    for line in cut_lines(gray, layout, Rotation.of(width, height, 0.0)):
        assert set(np.unique(line.owner)) - {0} == set(range(1, len(line.glyphs) + 1))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=15)
def test_padding_moves_boxes_and_nothing_else(top: int, bottom: int, left: int, right: int) -> None:
    gray = make_page("Some words, 12.50\nin two lines", dpi=120)
    padded = np.pad(gray, ((top, bottom), (left, right)), constant_values=255)

    before, after = read(gray), read(padded)

    assert before.rotation_deg == after.rotation_deg == 0
    moved = [
        (b.x0_px + left, b.y0_px + top, b.x1_px + left, b.y1_px + top)
        for b in (c.box for line in before.lines for c in line.chars)
    ]
    found = [
        (b.x0_px, b.y0_px, b.x1_px, b.y1_px)
        for b in (c.box for line in after.lines for c in line.chars)
    ]
    assert moved == found


@given(st.lists(places, max_size=25))
@settings(max_examples=300)
def test_blocks_paragraphs_and_order_lose_and_double_nothing(rows: list[Placed]) -> None:
    blocks = find_blocks(rows)
    assert sorted(k for block in blocks for k in block) == list(range(len(rows)))
    for block in blocks:
        assert [k for p in split_paragraphs(rows, block) for k in p] == block
    order = reading_order([Placed.around([rows[k] for k in block]) for block in blocks])
    assert sorted(order) == list(range(len(blocks)))
