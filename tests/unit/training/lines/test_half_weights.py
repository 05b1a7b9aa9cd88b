"""Weights that ship are stored in half the bytes and load as float32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from pipeline.nets.crnn import build_crnn  # noqa: E402
from training.lines.package import halve  # noqa: E402


def test_a_halved_file_loads_as_what_it_was(tmp_path: Path) -> None:
    net = build_crnn("s")
    path = tmp_path / "model.keras"
    net.save(path)
    whole = path.stat().st_size

    halve(path)

    assert path.stat().st_size < 0.6 * whole
    back = keras.models.load_model(path, compile=False)
    for weights, stored in zip(net.get_weights(), back.get_weights(), strict=True):
        assert stored.dtype == np.float32
        np.testing.assert_allclose(stored, weights, rtol=1e-3, atol=1e-6)
