"""Light text on dark ground is turned round; paper around a dark slide stays paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.clean import clean_page
from pipeline.negative import is_negative, turn_negative
from tests.drawing import make_page

TEXT = "\n".join(["A page of plain text, dark on light,", "with some lines of it."] * 4)
FOOT = make_page("printed below the slide", size_in=(5.0, 0.7), margin_in=0.2)


def slide(*, ground: int = 0, paper: int = 255, skew_px: int = 0) -> npt.NDArray[np.uint8]:
    """A sheet of paper with a dark slide, and a line of text below it."""
    page = np.pad(make_page(TEXT, ink=paper, paper=ground), 60, constant_values=paper)
    page[-len(FOOT) :, 60:-60] = np.minimum(FOOT, paper)
    if skew_px:
        for x in range(page.shape[1]):
            page[:, x] = np.roll(page[:, x], skew_px * x // page.shape[1])
    return page


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (30, 120), (150, 250)])
def test_a_negative_is_told_from_a_positive(ink: int, paper: int) -> None:
    assert not is_negative(make_page(TEXT, ink=ink, paper=paper))
    assert is_negative(make_page(TEXT, ink=paper, paper=ink))


def test_a_black_frame_does_not_make_a_negative() -> None:
    page = np.pad(make_page(TEXT, dpi=200), 150, constant_values=0)
    assert not is_negative(page)


@pytest.mark.parametrize("skew_px", [0, 12, -12])
def test_the_paper_around_a_slide_stays_paper(skew_px: int) -> None:
    page = slide(skew_px=skew_px)
    assert is_negative(page)

    cleaned = clean_page(page)

    assert np.median(cleaned) == 255
    assert (cleaned < 128).mean() < 0.2
    np.testing.assert_array_equal(cleaned[-45:, 100:-100], page[-45:, 100:-100])


def test_a_negative_with_a_light_band_is_turned_whole() -> None:
    page = make_page(TEXT, ink=255, paper=0)
    page[:40] = 255
    np.testing.assert_array_equal(turn_negative(page)[100:], 255 - page[100:])
    page = make_page(TEXT, ink=255, paper=0)
    page[200:260] = 255  # the lower part would stay as it is
    np.testing.assert_array_equal(turn_negative(page), 255 - page)
