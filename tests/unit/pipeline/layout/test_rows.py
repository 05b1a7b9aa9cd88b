from __future__ import annotations

import numpy as np
import pytest

from pipeline.layout.components import find_components
from pipeline.layout.row import make_row, median


@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_the_median_is_that_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).integers(0, 50, count)
    assert median(values) == np.median(values)
    assert median(values / 3) == np.median(values / 3)


@pytest.mark.parametrize("slope", [0.0, 0.02, -0.01])
def test_the_slope_of_a_row_is_that_of_its_feet(slope: float) -> None:
    ink = np.zeros((200, 900), np.bool_)
    for k in range(20):
        x, foot = 40 * k + 20, round(100 + slope * (40 * k + 30))
        ink[foot - 20 : foot + (8 if k % 5 == 2 else 0), x : x + 20] = True  # some hang below
    found = find_components(ink)
    row = make_row(found, np.arange(len(found)), 0.5)
    standing = [k for k in range(20) if k % 5 != 2]
    feet = [round(100 + slope * (40 * k + 30)) for k in standing]
    expected = np.polyfit([40 * k + 30 for k in standing], feet, 1)[0]
    assert row.slope == pytest.approx(expected, abs=1e-9)


def test_the_slope_of_a_level_row_is_nothing_at_all() -> None:
    ink = np.zeros((40, 700), np.bool_)
    for k in range(13):
        ink[10:30, 50 * k + 3 : 50 * k + 30] = True
    row = make_row(find_components(ink), np.arange(13), 0.1)
    assert (row.slope, row.top, row.bottom) == (0.0, 10.0, 30.0)
