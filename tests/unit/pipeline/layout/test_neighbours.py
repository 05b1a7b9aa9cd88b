"""What the edge of the scan cuts off beside a page is another page's."""

from __future__ import annotations

import numpy as np
import pytest

from ocrq.types import RegionKind
from pipeline.layout.page import Layout, find_layout
from tests.unit.pipeline.layout.test_gutters import Gray, column


def beside(side: str, *, white_px: int = 80, reach_px: int = 90) -> tuple[Gray, int]:
    """A page with a strip of another at one side, and the column where the strip begins or ends."""
    page, other = column(0, 50), column(9, 50)
    white = np.full((page.shape[0], white_px), 255, np.uint8)
    if side == "right":
        return np.hstack([white, page, white, other[:, :reach_px]]), page.shape[1] + 2 * white_px
    ink = int(np.flatnonzero((other < 128).any(axis=0))[-1])
    strip = other[:, ink - reach_px : ink + 10]
    return np.hstack([strip, white, page, white]), strip.shape[1]


def texts(layout: Layout, kind: RegionKind) -> list[tuple[int, int]]:
    return [(r.x0, r.x1) for p in layout.paragraphs if p.kind is kind for r in p.rows]


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_strip_is_kept_apart_and_hidden(side: str) -> None:
    page, edge = beside(side)

    layout = find_layout(page < 128)

    own, others = texts(layout, RegionKind.TEXT), texts(layout, RegionKind.PICTURE_TEXT)
    assert len(own) == 14
    assert len(others) >= 7
    if side == "right":
        assert all(x1 < edge for _, x1 in own) and all(x0 >= edge for x0, _ in others)
    else:
        assert all(x0 > edge for x0, _ in own) and all(x1 <= edge for _, x1 in others)


def test_whole_columns_and_amounts_are_no_strip() -> None:
    page, edge = beside("right", reach_px=110)
    # With air at the right nothing is cut off.
    padded = np.pad(page[:, : edge + 90], ((0, 0), (0, 60)), constant_values=255)

    layout = find_layout(padded < 128)

    assert texts(layout, RegionKind.PICTURE_TEXT) == []


def test_lines_that_the_edge_cuts_off_are_text_where_nothing_is_beside_them() -> None:
    page = column(0, 50)

    layout = find_layout(page[:, : page.shape[1] // 2] < 128)

    assert len(texts(layout, RegionKind.TEXT)) == 14
