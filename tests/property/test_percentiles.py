"""Percentiles by the quick way are those of numpy, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.percentiles import percentile

SIZES = st.one_of(st.integers(1, 40), st.integers(4_000, 9_000))


@given(st.integers(0, 2**32 - 1), SIZES, st.floats(0.0, 100.0), st.sampled_from([1.0, 4.0, 255.0]))
def test_it_is_that_of_numpy(seed: int, size: int, percent: float, tones: float) -> None:
    values = (tones * np.random.default_rng(seed).random(size) ** 3).astype(np.float32)
    if tones == 4.0:  # many alike
        values = np.rint(values)
    assert percentile(values, percent) == float(np.percentile(values, percent))


@pytest.mark.parametrize("percent", [0.0, 95.0, 100.0])
def test_a_page_whose_sampled_columns_are_lighter_than_all_others(percent: float) -> None:
    values = np.zeros((500, 4), np.float32)
    values[:, 0] = 200.0
    values = values.repeat(6, axis=0)
    assert percentile(values, percent) == float(np.percentile(values, percent))
