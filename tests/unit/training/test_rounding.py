"""Rounding weights together: what a layer computes stays nearer than with each for itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.layer_inputs import Window, patches
from training.rounding import Moments, int8_scales, mean_shift, rounded


def seen_by(inputs: Any) -> Moments:
    return Moments(mean=inputs.mean(axis=0), covariance=np.cov(inputs.T, bias=True))


def test_inputs_that_go_together_make_errors_good() -> None:
    rng = np.random.default_rng(1)
    inputs = 2.0 + rng.normal(size=(2000, 4)) @ rng.normal(size=(4, 40))
    weights = rng.normal(size=(8, 40)).astype(np.float32)
    scales, seen = int8_scales(weights), seen_by(inputs)
    errors = []
    for moments in (None, seen):
        numbers = rounded(weights, scales, moments)
        assert np.abs(numbers.astype(int)).max() <= 127
        lost = inputs @ (weights - scales[:, None] * numbers).T
        errors.append(np.square(lost - lost.mean(axis=0)).mean())
        assert lost.mean(axis=0) == pytest.approx(
            mean_shift(weights, numbers, scales, seen), abs=1e-5
        )
    assert errors[1] < 0.1 * errors[0]


def test_without_anything_seen_each_weight_is_the_nearest_number() -> None:
    weights = np.random.default_rng(2).normal(size=(3, 2, 2, 5)).astype(np.float32)
    scales = int8_scales(weights)
    numbers = rounded(weights, scales, None)
    assert numbers.shape == weights.shape
    apart = np.abs(numbers * scales[:, None, None, None] - weights)
    assert (apart <= 0.5001 * scales[:, None, None, None]).all()
    # Inputs that say nothing, as of a dead channel, change nothing.
    nothing = Moments(mean=np.zeros(20), covariance=np.zeros((20, 20)))
    assert (rounded(weights, scales, nothing) == numbers).all()


@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (2, 1)])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_patches_are_what_a_convolution_sees(strides: tuple[int, int], padding: str) -> None:
    from keras import ops

    rng = np.random.default_rng(3)
    inputs = rng.random((1, 9, 14, 2), np.float32)
    kernel = rng.normal(size=(3, 4, 2, 6)).astype(np.float32)
    window = Window(kernel=(3, 4), strides=strides, is_padded=padding == "same")
    computed = ops.convert_to_numpy(ops.conv(inputs, kernel, strides=strides, padding=padding))
    found = patches(inputs, window) @ kernel.reshape(-1, 6)
    np.testing.assert_allclose(found, computed.reshape(-1, 6), atol=1e-5)
