"""Fit the line recogniser in pieces that add up: a trunk at a constant rate, a branch to release.

The trunk warms up and then learns at one rate for as many sessions as there are; it has no end that
would have to be known beforehand. A release is a short branch that starts from the trunk and lets
the rate fall to zero (Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed
training durations"); the trunk itself goes on afterwards.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.lines.batches import Batch
from training.lines.progress import AVERAGED, PROGRESS, WEIGHTS
from training.lines.trainer import Precision, Trainer, build_trainer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """How long and how fast."""

    size: str = "m"
    budget_s: float = 3600.0  # in all, pieces before a stop included
    rate: float = 1.5e-3
    warm_up_s: float = 60.0
    release_share: float = 0.0  # of the budget, at its end: the rate falls to zero over it
    precision: Precision = "float32"
    checkpoint_s: float = 180.0


def learning_rate(plan: FitPlan, elapsed_s: float) -> float:
    """The rate after so many seconds of this trunk or branch.

    >>> trunk = FitPlan(rate=1.0, warm_up_s=50.0)
    >>> learning_rate(trunk, 25.0), learning_rate(trunk, 5000.0)
    (0.5, 1.0)
    >>> branch = FitPlan(rate=1.0, budget_s=100.0, release_share=1.0)
    >>> learning_rate(branch, 0.0), learning_rate(branch, 25.0), learning_rate(branch, 100.0)
    (1.0, 0.5, 1e-06)
    """
    release_s = plan.budget_s * plan.release_share
    since_s = elapsed_s - (plan.budget_s - release_s)
    if release_s and since_s >= 0:
        return max(1e-6, plan.rate * (1 - math.sqrt(min(1.0, since_s / release_s))))
    return plan.rate * min(1.0, max(0.01, elapsed_s / plan.warm_up_s))


def fit(
    folder: Path, plan: FitPlan, batches: Iterator[Batch], *, start_from: Path | None = None
) -> keras.Model:
    """Train until the budget is spent; a folder with a checkpoint goes on from there.

    Args:
        folder: where `checkpoint.weights.h5`, `progress.json` and `crnn.keras` (the moving average
            of the weights) are written.
        plan: budget and rates.
        batches: endless batches.
        start_from: a `.keras` file of an earlier run, when the folder has no checkpoint.

    Returns:
        The moving average: what is to be measured and shipped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trainer = build_trainer(plan.size, plan.precision)
    elapsed_s, lines = 0.0, 0
    if (folder / PROGRESS).exists():
        trainer.load_weights(folder / WEIGHTS)
        state = json.loads((folder / PROGRESS).read_text())
        elapsed_s, lines = state["elapsed_s"], state["lines"]
    elif start_from is not None:
        trainer.net.set_weights(keras.models.load_model(start_from, compile=False).get_weights())
    if not (folder / PROGRESS).exists():
        _save(trainer, folder, {"size": plan.size, "elapsed_s": 0.0, "lines": 0})
    losses: list[Any] = []  # numbers, or what a GPU has not yet worked out
    last = saved = time.monotonic()
    while elapsed_s < plan.budget_s:
        batch = next(batches)
        losses.append(trainer.step(batch, learning_rate(plan, elapsed_s)))
        lines += len(batch.steps)
        now = time.monotonic()
        elapsed_s += now - last
        last = now
        if now - saved > plan.checkpoint_s or elapsed_s >= plan.budget_s:
            loss = np.mean([float(loss) for loss in losses])
            if not np.isfinite(loss):
                # One step that went wrong spoils all weights: on from the last checkpoint.
                logger.warning(
                    "a loss of %s: what was learnt since the last checkpoint is lost", loss
                )
                trainer.load_weights(folder / WEIGHTS)
                losses.clear()
                saved = last = time.monotonic()
                continue
            _save(trainer, folder, {"size": plan.size, "elapsed_s": elapsed_s, "lines": lines})
            logger.info(
                "%.0f of %.0f s, %d lines, loss per character %.4f",
                elapsed_s, plan.budget_s, lines, loss,
            )  # fmt: skip
            losses.clear()
            saved = last = time.monotonic()
    averaged = trainer.averaged()
    averaged.save(folder / AVERAGED)
    return averaged


def load_checkpoint(folder: Path) -> keras.Model:
    """The averaged network of a run as it was at the last checkpoint.

    A run that has none yet reads with the `crnn.keras` that was put into its folder, so that real
    lines can be added before training goes on from shipped weights.

    Raises:
        FileNotFoundError: the run has neither.
    """
    if not (folder / PROGRESS).exists() and (folder / AVERAGED).exists():
        return keras.models.load_model(folder / AVERAGED, compile=False)
    state = json.loads((folder / PROGRESS).read_text())
    trainer = build_trainer(state["size"])
    trainer.load_weights(folder / WEIGHTS)
    return trainer.averaged()


def _save(trainer: Trainer, folder: Path, state: dict[str, Any]) -> None:
    part = folder / "part.weights.h5"
    trainer.save_weights(part)
    part.replace(folder / WEIGHTS)
    (folder / PROGRESS).write_text(json.dumps(state))
