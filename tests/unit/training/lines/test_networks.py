"""Every network of the trainer reads any width, four columns a step, and learns on each backend."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.vocabulary import CHARACTERS

pytest.importorskip("keras")

ONE_STEP = """
import numpy as np
from training.lines.batches import make_batch
from training.lines.trainer import build_trainer
image = np.zeros((32, 64), np.uint8)
image[4:28, 8:24] = 255
trainer = build_trainer("s")
batch = make_batch([image, image], ["ab", "a"])
losses = [trainer.step(batch, 3e-3) for _ in range(4)]
assert all(np.isfinite(losses)) and losses[-1] < losses[0], losses
"""


@pytest.mark.parametrize("arch", ["s", "m", "classic"])
def test_any_width_four_columns_a_step(arch: str) -> None:
    from training.lines.trainer import build_network

    net = build_network(arch)
    for width in (64, 160):
        logits = np.asarray(net(np.zeros((2, 32, width, 1), np.float32)))
        assert logits.shape == (2, width // 4, len(CHARACTERS) + 1)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_same_trainer_learns_on(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", ONE_STEP], check=True, env=environment, timeout=300)
