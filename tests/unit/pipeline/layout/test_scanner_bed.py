from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.layout.scanner_bed import without_bed


def test_a_photograph_all_over_the_scan_keeps_its_black_side() -> None:
    tones = np.full((40, 30), 0.5, np.float32)
    tones[:5, :5] = 1.0
    tones[:, 25:] = 0.0

    assert np.array_equal(without_bed(tones), tones)


def test_a_page_without_a_black_side_stays_as_it_is() -> None:
    tones = np.ones((40, 30), np.float32)
    tones[10:30, 5:25] = 0.0

    assert np.array_equal(without_bed(tones), tones)


def test_black_all_along_a_side_is_paper_and_the_photograph_at_it_stays() -> None:
    tones = np.ones((40, 30), np.float32)
    tones[20:, :10] = tones[35:] = 0.0

    found = without_bed(tones)

    assert (found[33:] == 1.0).all()
    assert (found[20:33, :10] == 0.0).all()


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
def test_a_scan_of_a_few_cells_keeps_its_shape(height: int, width: int, seed: int) -> None:
    """A strip of one pixel's width stopped the page."""
    tones = np.random.default_rng(seed).choice([0.0, 0.5, 1.0], (height, width)).astype(np.float32)
    found = without_bed(tones)
    assert found.shape == tones.shape
    assert (found >= tones).all()
