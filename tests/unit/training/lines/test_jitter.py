"""A line seen twice is not the same twice, and still says the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.lines.jitter import jitter


def _line(width_px: int) -> np.ndarray:
    picture = np.zeros((32, width_px), np.uint8)
    picture[8:24, 4 : width_px - 4 : 6] = 255
    return picture


@given(seed=st.integers(0, 10_000), width_px=st.integers(16, 600))
def test_a_picture_stays_a_line_picture(seed: int, width_px: int) -> None:
    changed = jitter(np.random.default_rng(seed), _line(width_px))
    assert changed.dtype == np.uint8
    assert changed.shape[0] == 32
    assert changed.max() > 0  # ink is left
    # Narrower, a label might no longer fit into the time steps.
    assert changed.shape[1] >= max(8, round(0.92 * width_px))


def test_equal_seeds_change_alike_and_lines_differ() -> None:
    picture = _line(200)
    once = [jitter(np.random.default_rng(seed), picture) for seed in range(40)]
    again = [jitter(np.random.default_rng(seed), picture) for seed in range(40)]
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert len({a.tobytes() for a in once}) > 20
    assert any(np.array_equal(a, picture) for a in once)  # some are shown as they are
