"""Muon on kernels of convolutions: steps without a dominant direction."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training.lines.muon import ConvolutionMuon  # noqa: E402


def _step(shape: tuple[int, ...], name: str = "kernel") -> np.ndarray:
    """What one step subtracts from a variable whose gradient has one dominant direction."""
    rng = np.random.default_rng(0)
    columns = shape[-1]
    flat = rng.normal(size=(int(np.prod(shape[:-1])), 1)) @ rng.normal(size=(1, columns)) * 100
    gradient = (flat + rng.normal(size=flat.shape)).reshape(shape).astype(np.float32)
    variable = keras.Variable(np.zeros(shape, np.float32), name=name)
    optimizer = ConvolutionMuon(0.01, weight_decay=None, adam_weight_decay=None)
    optimizer.build([variable])
    optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return np.asarray(variable).reshape(-1, columns)


def test_a_kernels_step_has_no_dominant_direction() -> None:
    values = np.linalg.svd(_step((3, 3, 8, 16)), compute_uv=False)
    assert values.max() / values.min() < 3  # the gradient's own are a hundred to one


@pytest.mark.parametrize(
    ("shape", "name"),
    [((1, 9, 16, 1), "kernel"), ((3, 3, 1, 8), "kernel"), ((1, 1, 8, 8), "logits")],
)
def test_depthwise_first_and_last_layers_take_adams_steps(
    shape: tuple[int, ...], name: str
) -> None:
    assert np.abs(_step(shape, name)) == pytest.approx(0.01, rel=1e-3)
