"""Every network of the trainer reads any width, four columns a step, and learns on each backend."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.vocabulary import CHARACTERS

keras = pytest.importorskip("keras")

ONE_STEP = """
import numpy as np
from training.lines.batches import make_batch
from training.lines.trainer import build_trainer
image = np.zeros((32, 64), np.uint8)
image[4:28, 8:24] = 255
trainer = build_trainer("s")
batch = make_batch([image, image], ["ab", "a"])
losses = [float(trainer.step(batch, 3e-3)) for _ in range(4)]
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
    if backend == keras.backend.backend():
        exec(ONE_STEP, {})  # here, where it is loaded: a process of its own takes seconds to
        return
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", ONE_STEP], check=True, env=environment, timeout=300)


ALIKE = """
import keras
import numpy as np
from training.lines.batches import Batch
from training.lines.trainer import build_trainer
rng = np.random.default_rng(0)
lengths = {"steps": np.full(3, 32, "i4"), "label_length": np.full(3, 5, "i4")}
batches = [
    Batch(image=rng.integers(0, 255, (3, 32, 128, 1), "u1"),
          labels=rng.integers(1, 90, (3, 8), "i4"),
          **lengths)
    for _ in range(3)
]
def losses(learn):
    keras.utils.set_random_seed(1)
    trainer = build_trainer("s")
    for layer in trainer.net.layers:
        if "dropout" in layer.name:
            layer.rate = 0.0
    found = [float(learn(trainer, batch)) for batch in batches]
    return found, np.concatenate([np.ravel(w) for w in trainer.averaged().get_weights()])
def by_keras(trainer, batch):
    trainer.optimizer.learning_rate = 1e-3
    x = {"image": batch.image, "steps": batch.steps}
    return trainer.train_on_batch(x, {"labels": batch.labels, "label_length": batch.label_length})
from training.lines.loss import ctc_loss_per_character
line = rng.normal(size=(3, 32, 40)).astype("f4")
label = rng.integers(1, 40, (3, 8), "i4")
tensors = [keras.ops.convert_to_tensor(a) for a in (line, label, *lengths.values())]
logits, labels, steps, length = tensors
theirs = keras.ops.ctc_loss(labels, logits, length, steps, mask_index=0)
theirs = theirs / keras.ops.cast(length, "float32")
np.testing.assert_allclose(float(ctc_loss_per_character(logits, labels, length, steps)),
                           float(keras.ops.mean(theirs)), rtol=1e-5)
ours, weights = losses(lambda trainer, batch: trainer.step(batch, 1e-3))
keras_losses, keras_weights = losses(by_keras)
np.testing.assert_allclose(ours, keras_losses, rtol=1e-4)
np.testing.assert_allclose(weights, keras_weights, atol=2e-3)
"""


def test_pytorchs_own_step_is_the_step_of_keras() -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    subprocess.run([sys.executable, "-c", ALIKE], check=True, env=environment, timeout=300)
