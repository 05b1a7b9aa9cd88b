"""Boxes of characters: whose ink is whose, where touching ones are cut, where there is none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions
from pipeline.engines.engine import Glyph, LineImage
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.line_boxes import character_boxes
from pipeline.rotation import Rotation
from pipeline.run import process_page
from training.evaluation.boxes import box_overlaps
from training.pagegen.fonts import FontSet
from training.pagegen.pages import PageKind, draw_page


def line_of(*pieces: tuple[int, int], bridge: tuple[int, int] | None = None) -> LineImage:
    """Bars of ink, each a piece; a bridge joins what it spans into one piece."""
    owner = np.zeros((40, 100), np.int32)
    glyphs = []
    for k, (x0, x1) in enumerate(pieces):
        owner[10:30, x0:x1] = k + 1
        glyphs.append(Glyph(x0_px=x0, y0_px=10, x1_px=x1, y1_px=30))
    if bridge is not None:
        owner[owner > 0] = 1
        owner[28:30, bridge[0] : bridge[1]] = 1
        glyphs = [Glyph(x0_px=pieces[0][0], y0_px=10, x1_px=pieces[-1][1], y1_px=30)]
    return LineImage(
        gray=np.where(owner > 0, 0, 255).astype(np.uint8),
        owner=owner,
        glyphs=tuple(glyphs),
        left_px=0,
        top_px=0,
        baseline_px=(30, 30),
        x_height_px=14,
        cap_height_px=20,
        region=0,
        rotation=Rotation.of(400, 400, 0.0),
    )


def columns(line: LineImage, *frames: int, spaces: tuple[int, ...] = ()) -> list[list[float]]:
    """x0 and x1 of characters said in single frames of four columns."""
    starts = np.array(frames, np.int64)
    is_space: npt.NDArray[np.bool_] = np.isin(starts, spaces)
    boxes = character_boxes(line, starts, starts + 1, is_space, 4.0)
    assert (boxes[:, :2] < boxes[:, 2:]).all()
    return [[float(x0), float(x1)] for x0, _, x1, _ in boxes]


def test_a_piece_that_one_character_claims_is_its_own_whole() -> None:
    line = line_of((10, 20), (24, 60))  # the second reaches far to the right
    assert columns(line, 3, 8) == [[10, 20], [24, 60]]


def test_small_pieces_go_to_the_character_they_stand_at() -> None:
    line = line_of((10, 13), (15, 20), (40, 50))  # a broken character and a whole one
    assert columns(line, 3, 11) == [[10, 20], [40, 50]]


def test_touching_characters_are_cut_at_the_columns_of_least_ink() -> None:
    line = line_of((10, 24), (30, 50), bridge=(24, 30))
    (a0, a1), (b0, b1) = columns(line, 4, 10)
    assert (a0, b1) == (10, 50)
    assert 24 <= a1 == b0 <= 30


def test_a_space_is_the_gap_between_its_neighbours() -> None:
    line = line_of((10, 20), (40, 50))
    assert columns(line, 3, 7, 11, spaces=(7,)) == [[10, 20], [20, 40], [40, 50]]


def test_a_character_without_ink_stands_where_the_path_says_it() -> None:
    line = line_of((10, 20))
    (_, (x0, x1)) = columns(line, 3, 20)
    assert x0 <= 82 <= x1
    bare = line_of()
    assert len(columns(bare, 3, 20)) == 2


@pytest.mark.parametrize("kind", [PageKind.ARTICLE])
def test_boxes_of_a_drawn_page_fit(kind: PageKind) -> None:
    page = draw_page(kind, 1, fonts=FontSet(), dpi=200, strength=0.2)
    image = PageImage(
        gray=page.gray,
        dpi=200,
        dpi_is_estimated=False,
        scan_size_px=(page.gray.shape[1], page.gray.shape[0]),
    )
    result = process_page(image, PageOptions(engine="crnn", orient=False), load_engine("crnn"))
    overlaps = box_overlaps(page, result)
    low, middle = np.percentile(overlaps, (5, 50))
    assert len(overlaps) > 400
    assert middle > 0.7  # bench.boxes prints the figures; these are generous floors
    assert low > 0.35
