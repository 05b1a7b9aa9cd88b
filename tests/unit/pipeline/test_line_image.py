"""The picture of a line that the recogniser sees."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.line_image import HEIGHT_PX, MAX_WIDTH_PX, normalise_line


@given(st.integers(2, 120), st.integers(1, 3000))
def test_height_is_fixed_and_the_aspect_kept(height: int, width: int) -> None:
    picture = normalise_line(np.full((height, width), 255, np.uint8))
    assert picture.shape[0] == HEIGHT_PX
    expected = min(MAX_WIDTH_PX, max(8, round(width * HEIGHT_PX / height)))
    assert picture.shape[1] == expected


def test_ink_becomes_white_and_paper_black_whatever_their_tones() -> None:
    gray = np.full((64, 200), 180, np.uint8)
    gray[20:44, 40:160] = 90
    picture = normalise_line(gray)
    assert picture[16, 50] == 255
    assert picture[1, 1] == 0


def test_an_empty_crop_stays_empty() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(200, 206, (40, 300)).astype(np.uint8)
    assert normalise_line(noise).mean() < 60
