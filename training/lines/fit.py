"""Fit the line recogniser within a budget of time, with checkpoints that resume."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from pipeline.line_image import HEIGHT_PX
from pipeline.nets.crnn import build_crnn
from training.lines.batches import Batch
from training.lines.loss import ctc_loss_per_character

logger = logging.getLogger(__name__)

_WEIGHTS = "checkpoint.weights.h5"
_PROGRESS = "progress.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """How long and how fast."""

    size: str = "m"
    budget_s: float = 3600.0
    peak_rate: float = 3e-3
    warm_up: float = 0.04  # share of the budget
    checkpoint_s: float = 180.0


class _Trainer(keras.Model):  # type: ignore[misc]  # Keras has no type information
    """The network with its loss, so that Keras compiles the step on any backend."""

    def __init__(self, net: keras.Model) -> None:
        super().__init__(name="trainer")
        self.net = net

    def call(self, x: Any, training: bool = False) -> Any:
        return self.net(x["image"], training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return ctc_loss_per_character(y_pred, y["labels"], y["label_length"], x["steps"])


def learning_rate(plan: FitPlan, share: float) -> float:
    """Linear warm-up, then a cosine to zero over the share 0..1 of the budget.

    >>> plan = FitPlan(peak_rate=1.0, warm_up=0.5)
    >>> learning_rate(plan, 0.25), learning_rate(plan, 0.5), round(learning_rate(plan, 1.0), 6)
    (0.5, 1.0, 1e-06)
    """
    if share < plan.warm_up:
        return plan.peak_rate * share / plan.warm_up
    rest = (share - plan.warm_up) / (1 - plan.warm_up)
    return max(1e-6, plan.peak_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, rest))))


def fit(
    folder: Path,
    plan: FitPlan,
    batches: Iterator[Batch],
    *,
    start_from: Path | None = None,
    on_checkpoint: Callable[[keras.Model, float], None] | None = None,
) -> keras.Model:
    """Train until the budget is spent; a folder with a checkpoint goes on from there.

    Args:
        folder: where `checkpoint.weights.h5`, `progress.json` and `crnn.keras` are written.
        plan: budget and rates.
        batches: endless batches.
        start_from: weights of an earlier run, when the folder has no checkpoint.
        on_checkpoint: called with the network and the elapsed seconds at each checkpoint.
    """
    folder.mkdir(parents=True, exist_ok=True)
    net, trainer = _build(plan.size, plan.peak_rate)
    weights, progress = folder / _WEIGHTS, folder / _PROGRESS
    elapsed_s, lines = 0.0, 0
    if progress.exists():
        trainer.load_weights(weights)
        state = json.loads(progress.read_text())
        elapsed_s, lines = state["elapsed_s"], state["lines"]
    elif start_from is not None:
        net.load_weights(start_from)
    losses: list[float] = []
    last = saved = time.monotonic()
    while elapsed_s < plan.budget_s:
        batch = next(batches)
        trainer.optimizer.learning_rate = learning_rate(plan, elapsed_s / plan.budget_s)
        losses.append(float(trainer.train_on_batch(*_as_keras(batch))))
        lines += len(batch.steps)
        now = time.monotonic()
        elapsed_s += now - last
        last = now
        if now - saved > plan.checkpoint_s or elapsed_s >= plan.budget_s:
            _save(trainer, folder, {"size": plan.size, "elapsed_s": elapsed_s, "lines": lines})
            logger.info(
                "%.0f of %.0f s, %d lines, loss per character %.4f",
                elapsed_s, plan.budget_s, lines, float(np.mean(losses[-300:])),
            )  # fmt: skip
            if on_checkpoint is not None:
                on_checkpoint(net, elapsed_s)
            saved = last = time.monotonic()
    net.save(folder / "crnn.keras")
    return net


def _as_keras(batch: Batch) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"image": batch.image, "steps": batch.steps},
        {"labels": batch.labels, "label_length": batch.label_length},
    )


def load_checkpoint(folder: Path) -> keras.Model:
    """The network of a run as it was at the last checkpoint.

    Raises:
        FileNotFoundError: the run has none yet.
    """
    state = json.loads((folder / _PROGRESS).read_text())
    net, trainer = _build(state["size"], 1e-3)
    trainer.load_weights(folder / _WEIGHTS)
    return net


def _build(size: str, rate: float) -> tuple[keras.Model, keras.Model]:
    """The network, and the trainer around it with every variable made."""
    net = build_crnn(size)
    trainer = _Trainer(net)
    trainer.compile(keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=1.0))
    empty = np.zeros((1, HEIGHT_PX, 64, 1), np.float32)
    trainer({"image": empty, "steps": np.full(1, 16, np.int32)})
    trainer.optimizer.build(trainer.trainable_variables)
    return net, trainer


def _save(trainer: keras.Model, folder: Path, state: dict[str, Any]) -> None:
    part = folder / "part.weights.h5"
    trainer.save_weights(part)
    part.replace(folder / _WEIGHTS)
    (folder / _PROGRESS).write_text(json.dumps(state))
