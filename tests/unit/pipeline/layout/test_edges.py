"""A line that the edge of the scan cuts through is no text; a whole one at the edge is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, RegionKind
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.run import process_page
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
WORDS = ["quickly jumping wizards", "boxed the lazy dogs and", "packed many of them off"]
COUNT = 12
DPI = 200


def page(skew_deg: float = 0.0) -> Gray:
    lines = [WORDS[k % 3] for k in range(COUNT)]
    return make_page(lines, dpi=DPI, size_in=(5.0, 4.4), skew_deg=skew_deg)


def ink_rows(gray: Gray) -> list[tuple[int, int]]:
    """First and last line of pixels of each line of text."""
    inky = np.pad((gray < 128).any(axis=1).astype(np.int8), 1)
    edges = np.flatnonzero(np.diff(inky))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def text_lines(gray: Gray) -> int:
    size = (gray.shape[1], gray.shape[0])
    image = PageImage(gray=gray, dpi=DPI, dpi_is_estimated=False, scan_size_px=size)
    options = PageOptions(orient=False)
    result = process_page(image, options, load_engine("tests.engines.fake:make_engine"))
    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    return sum(line.region not in aside for line in result.lines)


@pytest.mark.parametrize("share", [0.35, 0.5, 0.65])
def test_a_line_that_the_upper_edge_cuts_is_no_text(share: float) -> None:
    gray = page()
    y0, y1 = ink_rows(gray)[2]
    assert text_lines(gray[round(y0 + share * (y1 - y0)) :]) == COUNT - 3


@pytest.mark.parametrize("share", [0.4, 0.55])
def test_a_line_that_the_lower_edge_cuts_is_no_text(share: float) -> None:
    gray = page()
    y0, y1 = ink_rows(gray)[-2]
    assert text_lines(gray[: round(y0 + share * (y1 - y0))]) == COUNT - 2


@pytest.mark.parametrize("margin_px", [0, 1, 4])
def test_whole_lines_at_the_edges_stay(margin_px: int) -> None:
    gray = page()
    rows = ink_rows(gray)
    cut = gray[rows[1][0] - margin_px : rows[-2][1] + margin_px]
    assert text_lines(cut) == COUNT - 2


def test_a_line_of_capitals_that_touches_the_edge_stays() -> None:
    gray = make_page(
        ["A HEADING IN CAPITALS", *(WORDS[k % 3] for k in range(8))], dpi=DPI, size_in=(5.0, 3.4)
    )
    assert text_lines(gray[ink_rows(gray)[0][0] :]) == 9


def test_the_edge_of_a_crooked_scan_cuts_too() -> None:
    gray = page(skew_deg=0.3)
    whole = text_lines(gray)
    level = ink_rows(page())[2]
    assert whole == COUNT
    assert text_lines(gray[(level[0] + level[1]) // 2 + 2 :]) == COUNT - 3
