"""The network with its loss and its optimizer, in one object that Keras steps on any backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from pipeline.line_image import HEIGHT_PX
from pipeline.nets.crnn import build_crnn
from pipeline.nets.crnn_classic import build_classic_crnn
from training.lines.batches import Batch
from training.lines.loss import ctc_loss_per_character
from training.lines.muon import ConvolutionMuon

#: Of convolutions and activations; weights, loss and statistics are always float32. bfloat16 trains
#: a quarter faster on processors that have it, and as well.
Precision = Literal["float32", "bfloat16"]

#: Share of the old moving average that one step keeps: it spans about a thousand steps.
_AVERAGE = 0.999


class Trainer(keras.Model):  # type: ignore[misc]  # Keras has no type information
    """The network with its loss, so that Keras compiles the step on any backend."""

    def __init__(self, net: keras.Model) -> None:
        super().__init__(name="trainer")
        self.net = net
        self._steps: int | None = None  # counted where no GPU has to be asked

    def call(self, x: Any, training: bool = False) -> Any:
        return self.net(ops.cast(x["image"], "float32") / 255.0, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        logits = ops.cast(y_pred, "float32")
        return ctc_loss_per_character(logits, y["labels"], y["label_length"], x["steps"])

    def step(self, batch: Batch, rate: float) -> Any:
        """Learn from one batch; its loss a character, which a GPU may still be working on."""
        if keras.backend.backend() == "torch":
            from training.lines.torch_step import learn

            if self._steps is None:
                self._steps = int(self.optimizer.iterations)
            self._steps += 1
            return learn(self.net, self.optimizer, batch, rate, self._steps - 1)
        self.optimizer.learning_rate = rate
        x = {"image": batch.image, "steps": batch.steps}
        y = {"labels": batch.labels, "label_length": batch.label_length}
        return self.train_on_batch(x, y)

    def averaged(self) -> keras.Model:
        """A float32 copy of the network with the moving average of the weights."""
        copy = build_network(self.net.name.removeprefix("crnn_"))
        copy.set_weights(self.net.get_weights())
        averages = {
            variable.path: average
            for variable, average in zip(
                self.trainable_variables,
                self.optimizer._model_variables_moving_average,
                strict=True,
            )
        }
        for own, other in zip(self.net.weights, copy.weights, strict=True):
            if own.path in averages:
                other.assign(averages[own.path])
        return copy


def build_network(size: str) -> keras.Model:
    """The network of a size of ours, or the recurrent yardstick for "classic"."""
    return build_classic_crnn() if size == "classic" else build_crnn(size)


def build_trainer(size: str, precision: Precision = "float32") -> Trainer:
    """A trainer with every variable made, so that a checkpoint can be loaded into it."""
    with _computing_in(precision):
        trainer = Trainer(build_network(size))
    trainer.compile(
        ConvolutionMuon(
            1e-3, weight_decay=1e-4, adam_weight_decay=1e-4, adam_lr_ratio=1.0, clipnorm=1.0,
            use_ema=True, ema_momentum=_AVERAGE,
        )
    )  # fmt: skip
    empty = np.zeros((1, HEIGHT_PX, 64, 1), np.uint8)
    trainer({"image": empty, "steps": np.full(1, 16, np.int32)})
    trainer.optimizer.build(trainer.trainable_variables)
    return trainer


@contextmanager
def _computing_in(precision: Precision) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
