"""The training loop: batches in, a trained model and its history out."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.characters.batches import Batch, BatchMaker, to_input
from training.characters.charset import REJECT, CharacterSet
from training.characters.checkpoint import (
    RunState,
    load_checkpoint,
    newest_state,
    save_checkpoint,
)
from training.characters.config import Network, Progress, TrainConfig
from training.characters.grow import begin_from
from training.characters.schedule import cosine_rate
from training.feeder import made_ahead
from training.stop_signals import StopSignals

logger = logging.getLogger(__name__)

_TELL_S = 5.0
_WATCHED = 3000  # pictures of the calibration side that are classified at each checkpoint


def build_model(network: Network, learning_rate: float) -> Any:
    """A new compiled model with 94 classes and the reject class; logits out."""
    import keras

    from pipeline.nets import plain_cnn, resnet

    make = {
        Network.SMALL: resnet.small_resnet,
        Network.MEDIUM: resnet.medium_resnet,
        Network.REFERENCE: resnet.reference_resnet,
        Network.PLAIN: plain_cnn.plain_cnn,
        Network.MNIST: plain_cnn.mnist_cnn,
    }
    model = make[network](REJECT + 1)
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=True),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        # XLA would compile for minutes and gains nothing on CPUs.
        jit_compile=False,
    )
    return model


def fit(
    config: TrainConfig,
    batches: BatchMaker,
    watch: Mapping[str, CharacterSet],
    on_progress: Callable[[Progress], None],
) -> Any:
    """Train until the budget is used up, from the newest checkpoint of the run if there is one.

    Args:
        config: how long, how fast, where to.
        batches: makes the batch of any step.
        watch: named sets of pictures that are never trained on; classified at each checkpoint for
            the curves.
        on_progress: called every few seconds.

    Returns:
        The Keras model; it is in the last checkpoint too. `history.jsonl` in the run's folder
        holds a line for each checkpoint.

    Raises:
        KeyboardInterrupt: at Ctrl-C or SIGTERM, when a checkpoint of all that was learnt is
            written.
    """
    newest = newest_state(config.run_dir)
    first = newest.step if newest else 0
    # Before the backend does its first work: with workers, processes are forked here.
    stream = batches_from(batches, first, config.workers)
    import keras

    found = load_checkpoint(config.run_dir)
    if found is not None:
        model, state = found
        logger.info("continues at step %d after %.0f s", state.step, state.elapsed_s)
    else:
        keras.utils.set_random_seed(config.seed)
        model = build_model(config.network, config.learning_rate)
        state = RunState(step=0, elapsed_s=0.0)
        if config.start is not None:
            begin_from(model, config.start)
    history = _History(config.run_dir / "history.jsonl", state.step)
    watched = _some(watch, config.seed)

    def clock_s() -> float:
        # Processor time: on a busy machine a run is as good, only later.
        return time.monotonic() if config.workers else time.process_time() / config.threads

    step, before_s, started = state.step, state.elapsed_s, clock_s()
    saved_at, told_at, averages = started, started, _Averages()

    def save(rate: float) -> None:
        state = RunState(step=step, elapsed_s=before_s + clock_s() - started)
        history.add(state, rate, averages.values(), _accuracies(model, watched))
        save_checkpoint(config.run_dir, model, state)

    rate = 0.0
    with StopSignals() as stop:
        while True:
            elapsed_s = before_s + clock_s() - started
            fraction = step / config.steps if config.steps else elapsed_s / config.budget_s
            if fraction >= 1 or stop.is_asked:
                break
            rate = cosine_rate(fraction, config.learning_rate)
            model.optimizer.learning_rate.assign(rate)
            batch = next(stream)
            averages.add(
                model.train_on_batch(
                    batch.pictures, batch.labels, sample_weight=batch.weights, return_dict=True
                )
            )
            step += 1
            now = clock_s()
            if now - told_at > _TELL_S:
                told_at = now
                on_progress(
                    Progress(
                        stage="train", fraction=min(fraction, 1.0), step=step, **averages.values()
                    )
                )
            is_due = (
                step % config.checkpoint_steps == 0
                if config.checkpoint_steps
                else now - saved_at > config.checkpoint_s
            )
            if is_due:
                save(rate)
                saved_at, averages = now, _Averages()
        if averages.count:
            save(rate)
    if stop.is_asked:
        raise KeyboardInterrupt
    return model


def batches_from(batches: BatchMaker, first: int, workers: int) -> Iterator[Batch]:
    """The batches of the steps from the first on, made ahead by so many processes."""
    stride = max(1, workers)
    return made_ahead(
        lambda number: (batches.make(step) for step in count(first + number, stride)), workers
    )


def logits_of(model: Any, images: npt.NDArray[np.uint8], batch: int = 500) -> Any:
    """(N, C) float32 logits of pictures (N, 32, 32)."""
    parts = [
        np.asarray(model.predict_on_batch(to_input(images[i : i + batch])))
        for i in range(0, len(images), batch)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, REJECT + 1), np.float32)


def _accuracies(model: Any, watched: Mapping[str, CharacterSet]) -> dict[str, float]:
    return {
        f"{name}_accuracy": float(
            (logits_of(model, characters.images).argmax(axis=1) == characters.labels).mean()
        )
        for name, characters in watched.items()
        if len(characters)
    }


def _some(watch: Mapping[str, CharacterSet], seed: int) -> dict[str, CharacterSet]:
    """At most _WATCHED pictures of each set."""
    rng = np.random.default_rng(seed)
    return {
        name: characters.take(np.sort(rng.permutation(len(characters))[:_WATCHED]))
        for name, characters in watch.items()
    }


class _Averages:
    """Means of what the batches since the last checkpoint gave."""

    def __init__(self) -> None:
        self.count = 0
        self._sums = {"loss": 0.0, "accuracy": 0.0}

    def add(self, result: Mapping[str, Any]) -> None:
        self.count += 1
        for name in self._sums:
            self._sums[name] += float(result[name])

    def values(self) -> dict[str, float]:
        return {name: value / max(self.count, 1) for name, value in self._sums.items()}


class _History:
    """The log of a run; lines beyond the checkpoint that it continues from are dropped."""

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= step]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def add(
        self,
        state: RunState,
        rate: float,
        averages: Mapping[str, float],
        watched: Mapping[str, float],
    ) -> None:
        entry = {
            "step": state.step,
            "elapsed_s": round(state.elapsed_s, 1),
            "learning_rate": round(rate, 6),
            **{k: round(float(v), 5) for k, v in {**watched, **averages}.items()},
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
