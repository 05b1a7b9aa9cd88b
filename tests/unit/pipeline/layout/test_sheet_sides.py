"""What lies around a sheet on a scan is no text of it; what is printed on a tint is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, PageResult, RegionKind
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.photographs import scan_tones
from pipeline.layout.sheet_sides import find_sides
from pipeline.run import process_page
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
DPI, LETTER_PX, PAPER = 200, 20.0, 205
LINES = [f"line {k} of the words that stand on this page" for k in range(20)]
TABLE_PX, LEAF_PX = 90, 150


def sheet() -> Gray:
    return make_page(LINES, dpi=DPI, size_in=(5.2, 6.4), paper=PAPER)


def on_table(page: Gray, *, seed: int = 1) -> Gray:
    """The page on a table whose grain is level, at its right and below it."""
    rng = np.random.default_rng(seed)
    height, width = page.shape
    grain = rng.normal(145, 60, (height + TABLE_PX, (width + TABLE_PX) // 12 + 1))
    table = np.repeat(grain, 12, axis=1)[:, : width + TABLE_PX]
    table = np.clip((table[1:] + table[:-1]) / 2, 60, 165)
    scan = np.vstack([table, table[-1:]]).astype(np.uint8)
    scan[:height, :width] = page
    return scan


def beside_leaf(page: Gray) -> Gray:
    """The page beside the back of another leaf, whose lines the edge of the scan cuts off."""
    back = make_page(LINES[::-1], dpi=DPI, size_in=(5.2, 6.4), paper=PAPER - 20)[:, ::-1]
    ends = np.flatnonzero((back < PAPER // 2).any(axis=0))
    return np.hstack([back[:, ends[-1] + 40 - LEAF_PX : ends[-1] + 40], page])


def read(page: Gray) -> PageResult:
    height, width = page.shape
    image = PageImage(gray=page, dpi=DPI, dpi_is_estimated=False, scan_size_px=(width, height))
    return process_page(image, PageOptions(), load_engine("tests.engines.fake:make_engine"))


def boxes(page: Gray) -> list[tuple[int, int, int, int]]:
    found = read(page)
    return [
        (line.box.x0_px, line.box.y0_px, line.box.x1_px, line.box.y1_px)
        for line in found.lines
        if found.regions[line.region].kind is not RegionKind.PICTURE_TEXT
    ]


def edges(page: Gray) -> set[str]:
    return {s.edge for s in find_sides(scan_tones(page, LETTER_PX))}


def test_the_grain_of_a_table_is_no_text() -> None:
    page = sheet()
    height, width = page.shape

    found = boxes(on_table(page))

    assert len(found) == len(LINES)
    assert all(x1 < width and y1 < height for _, _, x1, y1 in found)


def test_lines_of_a_leaf_beside_the_sheet_stay_out_of_its_own() -> None:
    found = boxes(beside_leaf(sheet()))

    assert len(found) == len(LINES)
    assert all(x0 > LEAF_PX for x0, _, _, _ in found)


def test_whole_lines_on_a_tint_that_reaches_the_edge_of_the_scan_are_text() -> None:
    notes = make_page(["note here"] * 12, dpi=DPI, size_in=(1.3, 6.4), margin_in=0.2, paper=175)
    scan = np.hstack([sheet(), notes])

    assert edges(scan) == {"right"}
    assert sum(x1 > scan.shape[1] - notes.shape[1] + 30 for _, _, x1, _ in boxes(scan)) == 12


@pytest.mark.parametrize("height_in", [0.3, 0.8])
@pytest.mark.parametrize("title", ["The title of this page", "12", None])
def test_a_title_on_a_tint_above_the_sheet_is_text(title: str | None, height_in: float) -> None:
    size_in = (5.2, height_in)
    band = make_page([title or ""], dpi=DPI, size_in=size_in, margin_in=0.07, paper=170)

    found = boxes(np.vstack([band, sheet()]))

    assert len(found) == len(LINES) + (title is not None)


def test_sides_are_sharp_and_go_all_along_the_scan() -> None:
    page = sheet()
    height, width = page.shape
    leaf = beside_leaf(page)
    half = leaf.copy()
    half[height // 2 :, :LEAF_PX] = PAPER
    shadow = (page * np.clip(np.linspace(0.6, 2.2, width), 0.6, 1.0)).astype(np.uint8)

    assert edges(leaf) == {"left"}
    assert edges(on_table(page)) == {"right", "bottom"}
    assert edges(page) == edges(half) == edges(shadow) == set()


def test_a_side_follows_a_slope() -> None:
    page = sheet()
    for y in range(page.shape[0]):
        page[y, : 60 + y // 30] = 150

    (side,) = find_sides(scan_tones(page, LETTER_PX))

    points = np.array([(50, 10), (90, 10), (92, 1270), (125, 1270)], np.float64)
    assert (side.depth_px(points) > 0).tolist() == [True, False, True, False]


def test_what_is_read_along_a_side_is_its_shadow() -> None:
    scan = on_table(sheet())
    edge = sheet().shape[0]
    for x in range(200, 700, 16):
        scan[edge + 2 : edge + 14, x : x + 8] = 20

    assert len(boxes(scan)) == len(LINES)
