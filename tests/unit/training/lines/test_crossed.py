"""Lines are crossed now and then, by what leaves most of them to be read."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.lines.crossed import crossed

LINE = np.zeros((32, 300), np.uint8)
LINE[8:24, 4:296:6] = 255


@given(seed=st.integers(0, 10_000), width_px=st.integers(8, 900))
def test_a_picture_keeps_its_size(seed: int, width_px: int) -> None:
    picture = np.zeros((32, width_px), np.uint8)
    changed = crossed(np.random.default_rng(seed), picture)
    assert changed.dtype == np.uint8
    assert changed.shape == picture.shape


def test_some_lines_are_crossed_by_ink_some_by_paper_and_most_by_nothing() -> None:
    found = [crossed(np.random.default_rng(seed), LINE) for seed in range(600)]
    darker = [int((image > LINE).sum()) for image in found]
    lighter = [int((image < LINE).sum()) for image in found]
    assert 50 < sum(count > 0 for count in darker) < 130
    assert 2 < sum(count > 0 for count in lighter) < 40
    assert not any(a and b for a, b in zip(darker, lighter, strict=True))
    struck = [image for image, count in zip(found, darker, strict=True) if count]
    letters = LINE > 0
    assert all((image[letters] == 255).all() for image in struck)  # what was ink is ink


def test_equal_seeds_cross_alike() -> None:
    once, again = (
        [crossed(np.random.default_rng(seed), LINE) for seed in range(60)] for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
