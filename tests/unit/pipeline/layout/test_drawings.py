"""A map keeps its frame, so that its lines stay one picture; frames of text and tables go."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, RegionKind
from pipeline.binarize import binarize
from pipeline.image import PageImage
from pipeline.layout.drawings import framed_drawings
from pipeline.layout.page import Pieces, find_pieces
from pipeline.run import process_page
from tests.drawing import make_page
from tests.engines.fake import FakeEngine

Gray = npt.NDArray[np.uint8]
TEXT = ["jumping quickly over the lazy dog", "five boxing wizards came home late"]
FRAME = (80, 60), (1200, 700)


def page_with_frame(text: list[str] | None = None) -> Gray:
    """Text under a frame that is empty, or has other text in it."""
    page = make_page([*(text or [""] * 10), *[""] * 5, *TEXT * 3], dpi=200, size_in=(7.0, 6.5))
    cv2.rectangle(page, *FRAME, 0, 3)
    return page


def with_map(page: Gray, seed: int) -> Gray:
    """Winding lines all over the frame."""
    rng, page = np.random.default_rng(seed), page.copy()
    for _ in range(16):
        steps = np.cumsum(rng.normal(0, 16, (40, 2)), axis=0)
        path = np.clip(rng.uniform(*FRAME) + steps, *FRAME)
        cv2.polylines(page, [path.astype(np.int32)], isClosed=False, color=0, thickness=2)
    return page


def pieces_of(page: Gray) -> Pieces:
    return find_pieces(binarize(page))


def drawings_on(page: Gray) -> int:
    pieces = pieces_of(page)
    assert pieces.kinds is not None
    return len(framed_drawings(pieces.found, pieces.kinds, pieces.text_height_px))


@pytest.mark.parametrize("seed", range(4))
def test_winding_lines_in_a_frame_are_one_drawing(seed: int) -> None:
    assert drawings_on(with_map(page_with_frame(), seed)) == 1


def test_a_frame_around_nothing_around_text_or_around_a_grid_holds_no_drawing() -> None:
    grid = page_with_frame()
    for y in range(140, 700, 80):
        cv2.line(grid, (80, y), (1200, y), 0, 3)

    assert drawings_on(page_with_frame()) == 0
    assert drawings_on(page_with_frame(TEXT * 5)) == 0
    assert drawings_on(grid) == 0
    assert drawings_on(with_map(grid, 0)) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_map_is_one_picture_and_nothing_of_it_is_text(seed: int) -> None:
    page = with_map(page_with_frame(), seed)
    size = (page.shape[1], page.shape[0])
    image = PageImage(gray=page, dpi=200, dpi_is_estimated=False, scan_size_px=size)
    result = process_page(image, PageOptions(engine="fake"), FakeEngine())

    pictures = [r.box for r in result.regions if r.kind is RegionKind.PICTURE]
    assert len(pictures) == 1
    assert pictures[0].height_px >= FRAME[1][1] - FRAME[0][1]
    texts = {r.number for r in result.regions if r.kind is not RegionKind.PICTURE_TEXT}
    assert all(line.box.y0_px > FRAME[1][1] for line in result.lines if line.region in texts)
