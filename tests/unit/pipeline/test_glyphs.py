from __future__ import annotations

import pytest

from pipeline.engines.engine import LineImage
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from tests.drawing import make_page


def lines_of(text: str, dpi: int = 300) -> list[LineImage]:
    page = make_page(text, dpi=dpi)
    height, width = page.shape
    return cut_lines(page, find_layout(page < 128), Rotation.of(width, height, 0.0))


@pytest.mark.parametrize(
    ("text", "glyphs"),
    [
        ("i j ! ? : ;", 6),  # dots belong to what is under or above them
        ("a = b", 3),
        ("Yes. To. We.", 10),  # full stops don't belong to the letter before
        ("it, is, in", 8),
        ("don't you", 8),
        ("well-known", 10),
    ],
)
def test_parts_of_one_character_make_one_glyph(text: str, glyphs: int) -> None:
    (line,) = lines_of(text)
    assert len(line.glyphs) == glyphs


def test_glyphs_run_from_left_to_right_and_own_their_ink() -> None:
    (line,) = lines_of("The quick brown fox")

    starts = [g.x0_px for g in line.glyphs]
    assert starts == sorted(starts)
    for k, g in enumerate(line.glyphs):
        mine = line.owner == k + 1
        assert mine.any()
        assert mine[g.y0_px : g.y1_px, g.x0_px : g.x1_px].sum() == mine.sum()
    assert (line.gray[line.owner > 0] < 128).all()


def test_baseline_and_heights_are_those_of_the_letters() -> None:
    (line,) = lines_of("the quick brown fox jumps over it")

    under_x = [g for g in line.glyphs if g.y1_px == line.glyphs[0].y1_px]
    base = line.baseline_at(line.glyphs[0].x0_px)
    assert abs(base - under_x[0].y1_px) <= 2
    x_px = line.glyphs[2].height_px  # the e of "the"
    assert abs(line.x_height_px - x_px) <= 3
    assert 1.2 * x_px < line.cap_height_px < 1.6 * x_px


def test_a_line_of_capitals_takes_its_heights_from_the_lines_around() -> None:
    small, capitals, _ = lines_of("some small letters and so\nCAPITALS ONLY HERE\nand small again")

    assert capitals.x_height_px == pytest.approx(small.x_height_px, rel=0.1)
    assert capitals.cap_height_px == pytest.approx(small.cap_height_px, rel=0.1)


def test_capitals_alone_are_taken_for_capitals() -> None:
    (line,) = lines_of("TOTAL 123")
    assert line.cap_height_px == pytest.approx(line.glyphs[0].height_px, abs=2)
    assert line.x_height_px < line.cap_height_px
