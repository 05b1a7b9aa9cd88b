"""Ends of rules that are left of a grid are no rows, and do not part a table."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, RegionKind
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.page import find_layout
from pipeline.run import process_page
from tests.drawing import make_page
from training.pagegen.fonts import FontSet
from training.pagegen.layouts import Table
from training.pagegen.wear import Wear, wear_page

Gray = npt.NDArray[np.uint8]
DPI = 200
LINES = ["jumping quickly over", "five boxing wizards", "many lazy dogs went"]


def lettered(page: Gray) -> list[int]:
    return [len(row.members) for p in find_layout(page < 128).paragraphs for row in p.rows]


@pytest.mark.parametrize(
    "corner",
    [
        [(500, 30), (500, 60), (620, 60)],
        [(500, 60), (620, 62), (620, 34)],
        [(560, 30), (560, 62), (500, 62), (640, 62)],
    ],
)
def test_a_corner_is_no_row(corner: list[tuple[int, int]]) -> None:
    page = make_page(LINES, dpi=DPI, size_in=(5.0, 2.2), margin_in=0.5)
    marked = page.copy()
    cv2.polylines(marked, [np.array(corner, np.int32)], isClosed=False, color=0, thickness=3)

    assert lettered(marked) == lettered(page)


def test_an_underlined_word_is_no_corner() -> None:
    page = make_page(LINES, dpi=DPI, size_in=(5.0, 2.2), margin_in=0.5)
    inky = np.flatnonzero((page < 128).any(axis=1))
    marked = page.copy()
    marked[inky[0] + 26 : inky[0] + 29, 100:240] = 0

    assert len(lettered(marked)) == len(lettered(page))


@pytest.mark.parametrize("has_grid", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_every_cell_of_a_drawn_table_has_its_row_and_column(has_grid: bool, seed: int) -> None:
    cells = [("Holt", "Brook Lane", "1402"), ("Marsh", "Alder Quay", "88"), ("Voss", "Elm", "3")]
    table = Table(
        title="Wages of the year",
        header=("Name", "Street", "Paid"),
        rows=tuple(cells * 3),
        columns_pt=(150.0, 170.0, 80.0),
        has_grid=has_grid,
    )
    # Print that is worn away leaves pieces of the grid.
    worn = Wear(dropout=0.01, blur_px=0.6, skew_deg=0.2)
    gray = wear_page(table.draw(FontSet(), DPI), worn, np.random.default_rng(seed)).gray
    gray = np.ascontiguousarray(gray[: round(0.5 * len(gray))])
    size = (gray.shape[1], gray.shape[0])
    image = PageImage(gray=gray, dpi=DPI, dpi_is_estimated=False, scan_size_px=size)

    result = process_page(image, PageOptions(), load_engine("tests.engines.fake:make_engine"))

    tables = {region.number for region in result.regions if region.kind is RegionKind.TABLE}
    assert len(tables) == 1
    found = {line.cell for line in result.lines if line.region in tables}
    assert found == {(row, column) for row in range(10) for column in range(3)}
