"""A line's crop has no letters of its neighbours, and all of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.foreign_ink import without_foreign
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]


def close_lines(upper: str, lower: str, step_px: int) -> Gray:
    """Two lines of 12 pt at 200 dpi, so near that the one reaches into the other's crop."""
    page = make_page([upper], dpi=200, size_in=(3.0, 1.0))
    below = np.roll(make_page([lower], dpi=200, size_in=(3.0, 1.0)), step_px, axis=0)
    return np.minimum(page, below)


def test_descenders_of_the_line_above_are_painted_out() -> None:
    page = close_lines("gypsy jumpy", "halls tilled", 36)
    layout = find_layout(page < 128)
    height, width = page.shape

    upper, lower = cut_lines(page, layout, Rotation.of(width, height, 0.0))

    alone = np.roll(make_page(["halls tilled"], dpi=200, size_in=(3.0, 1.0)), 36, axis=0)
    crop_height, crop_width = lower.gray.shape
    wanted = alone[
        lower.top_px : lower.top_px + crop_height, lower.left_px : lower.left_px + crop_width
    ]
    seen = page[
        lower.top_px : lower.top_px + crop_height, lower.left_px : lower.left_px + crop_width
    ]
    assert ((seen < 128) & (wanted > 128)).sum() > 20
    assert ((lower.gray < 128) != (wanted < 128)).sum() == 0
    assert (upper.owner > 0).sum() == ((upper.gray < 128) & (upper.owner > 0)).sum()


def test_a_crop_without_foreign_ink_is_the_page_itself() -> None:
    gray = np.full((20, 40), 200, np.uint8)
    none = np.zeros((20, 40), np.bool_)
    assert without_foreign(gray, none, none.astype(np.int32)) is gray


def test_foreign_ink_becomes_paper_and_the_edge_of_own_ink_stays() -> None:
    gray = np.full((20, 40), 200, np.uint8)
    gray[5:15, 10:14], gray[5:15, 15:19] = 20, 30
    own, foreign = np.zeros((20, 40), np.bool_), np.zeros((20, 40), np.bool_)
    own[5:15, 10:14], foreign[5:15, 15:19] = True, True
    gray[5:15, 14] = 110  # the grey edge of both

    clear = without_foreign(gray, foreign, own.astype(np.int32))

    assert (clear[:, 15:] == 200).all()
    assert (clear[:, :15] == gray[:, :15]).all()
    assert gray[10, 16] == 30
