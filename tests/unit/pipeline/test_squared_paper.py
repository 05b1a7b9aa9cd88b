"""Pale lines of squared paper go; the lines of a table, of ruled paper and dark squares stay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions
from pipeline.binarize import binarize
from pipeline.image import PageImage
from pipeline.run import process_page
from pipeline.squared_paper import without_squares
from tests.drawing import make_page
from tests.engines.fake import FakeEngine

Gray = npt.NDArray[np.uint8]

TEXT = ["letters on squared paper", "", "are not its squares", "", "and they stay as they are"]


def written(text: list[str] = TEXT) -> Gray:
    return make_page(text, dpi=200, size_pt=14, size_in=(6.0, 4.0), ink=60, paper=245)


def on_squares(page: Gray, tone: int = 190, *, level: bool = True) -> Gray:
    """The page on paper with squares of 5 mm, or with their upright lines alone."""
    page = page.copy()
    for at in range(19, max(page.shape), 39):
        page[:, at : at + 2] = np.minimum(page[:, at : at + 2], tone)
        if level:
            page[at : at + 2] = np.minimum(page[at : at + 2], tone)
    noise = np.random.default_rng(1).normal(0, 4, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def test_pale_squares_go_and_letters_stay() -> None:
    page = on_squares(written())
    bare = without_squares(page, binarize(page))
    assert bare is not None
    clean = binarize(written())
    assert np.count_nonzero(bare[1] & ~clean) < 0.12 * np.count_nonzero(clean)
    assert np.count_nonzero(bare[1] & clean) > 0.95 * np.count_nonzero(clean)


@pytest.mark.parametrize(
    "page",
    [written(), on_squares(written(), tone=60), on_squares(written(), level=False)],
    ids=["plain paper", "squares as dark as ink", "upright lines alone"],
)
def test_other_pages_stay(page: Gray) -> None:
    assert without_squares(page, binarize(page)) is None


def test_a_page_on_squared_paper_has_its_lines_and_no_others() -> None:
    page = on_squares(written())
    size = (page.shape[1], page.shape[0])
    image = PageImage(gray=page, dpi=200, dpi_is_estimated=False, scan_size_px=size)
    result = process_page(image, PageOptions(engine="fake"), FakeEngine())
    assert len(result.lines) == 3
    assert "squares" in result.elapsed_s
