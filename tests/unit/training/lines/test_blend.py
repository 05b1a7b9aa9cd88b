"""Networks between networks: the shares that read the folds best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.lines.blend import best_blend, fold_measure, mix
from training.lines.synthesise import Lines


def _measure(weights: Sequence[Any]) -> dict[str, float]:
    """Errors that grow with the distance from (0.5, 0.25)."""
    x, y = (float(w) for w in weights)
    return {"books": 0.01 + (x - 0.5) ** 2, "receipts": 0.04 + (y - 0.25) ** 2}


def test_a_blend_is_found_between_the_networks() -> None:
    corners = [[np.float32(a), np.float32(b)] for a, b in ((0, 0), (1, 0), (0.5, 1.0))]
    found = best_blend(corners, _measure)
    assert sum(found.shares) == pytest.approx(1.0)
    assert found.mean_rate < min(best_blend([corner], _measure).mean_rate for corner in corners)
    assert [float(w) for w in found.weights] == pytest.approx(
        [sum(s * float(c[k]) for s, c in zip(found.shares, corners, strict=True)) for k in (0, 1)]
    )


def test_a_network_that_only_harms_is_left_out() -> None:
    good, bad = [np.float32(0.5), np.float32(0.25)], [np.float32(9), np.float32(9)]
    assert best_blend([good, bad], _measure).shares == (1.0, 0.0)
    assert best_blend([bad, good], _measure).shares == (0.0, 1.0)


def test_no_fold_pays_for_another() -> None:
    begun, other = [np.float32(0.5), np.float32(1.0)], [np.float32(1.5), np.float32(0.25)]
    assert best_blend([begun, other], _measure).shares == (1.0, 0.0)


@given(share=st.floats(0, 1))
def test_a_mixture_lies_between(share: float) -> None:
    (between,) = mix([np.float64(2.0)], [np.float64(4.0)], share)
    assert 2.0 <= between <= 4.0


def test_a_guessed_letter_case_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Net:
        weights: Sequence[Any] = ()

        def set_weights(self, weights: Sequence[Any]) -> None:
            self.weights = weights

    monkeypatch.setattr("training.lines.blend.read_lines", lambda net, lines: ["AB"])
    lines = Lines(images=(np.zeros((32, 64), np.uint8),), texts=("ab",))
    net = Net()
    measure = fold_measure(net, {"books": lines, "receipts": lines}, ["receipts"])
    assert measure([1.0]) == {"books": 1.0, "receipts": 0.0}
    assert net.weights == [1.0]
