"""Training the character model from data to the folder that ships: the whole way in one read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocrq.errors import UsageError
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.calibrate import fit_temperature
from training.characters.charset import REJECT, CharacterSet
from training.characters.checkpoint import newest_state
from training.characters.config import Progress, TrainConfig
from training.characters.data import TrainingData, load_data
from training.characters.evaluate import answer, has_any, score
from training.characters.model_card import describe_model
from training.characters.package import write_card, write_float_litert, write_weights
from training.characters.print_glyphs import Wear, draw_print
from training.characters.rejection import fit_threshold, rejected, score_rejection
from training.characters.rejects import REJECT_SHARES, draw_rejects
from training.characters.report import Section, write_report

#: Numbers that keep the random streams of a run apart.
_CALIBRATION, _REPRESENTATIVE, _HELD_OUT, _WATCHED = 1, 2, 3, 4
_CONFIG = "config.json"
#: What a run may be continued with otherwise.
_MAY_DIFFER = ("run_dir", "threads", "workers")
_HANDPRINT_SETS = ("digits", "upper", "upper36", "alnum")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What the report is about: nothing of it was trained or calibrated on."""

    handprint: CharacterSet
    printed: CharacterSet  # fonts of families that training never saw
    rejects: dict[str, CharacterSet]  # by kind, of the same fonts and handprint


def train_characters(
    config: TrainConfig, on_progress: Callable[[Progress], None] = lambda progress: None
) -> Path:
    """Train, calibrate, export and report; a run that was killed is continued.

    Args:
        config: what to train on, how long, where to.
        on_progress: called every few seconds.

    Returns:
        The folder to ship, `run_dir/model`; the report is `run_dir/report/report.md`.

    Raises:
        UsageError: data or fonts cannot be used, or `run_dir` holds a run of another configuration.
        KeyboardInterrupt: it was interrupted; what was learnt is in a checkpoint.
    """
    from training.characters.fit import fit
    from training.threads import limit_threads

    cv2.setNumThreads(config.threads)
    _refuse_another_run(config)
    newest = newest_state(config.run_dir)
    on_progress(Progress(stage="data", fraction=0.0, step=newest.step if newest else 0))
    data = load_data(config)
    # Only now: TensorFlow takes seconds and greets on the terminal, where an error would be lost.
    limit_threads(config.threads)
    _remember(config)  # now that it can be used: a mistyped file must not bind the folder
    model = fit(config, data.batches(config), _watched(config, data), on_progress)
    return finish(config, data, model, on_progress)


def finish(
    config: TrainConfig, data: TrainingData, model: Any, on_progress: Callable[[Progress], None]
) -> Path:
    """Calibrate, export, measure and describe a trained model."""
    on_progress(Progress(stage="calibrate", fraction=0.0))
    temperature = _calibrate(config, data, model)
    on_progress(Progress(stage="export", fraction=0.0))
    folder = config.run_dir / "model"
    write_weights(model, folder, _representative(config, data))
    write_float_litert(model, config.run_dir / "float.tflite")
    on_progress(Progress(stage="report", fraction=0.0))
    metrics, sections = _measure(config, data, temperature)
    training = _facts(config, data, model.count_params())
    write_card(
        folder,
        name=config.name,
        version=config.version,
        temperature=temperature,
        metrics=metrics,
        training=training,
    )
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "CARD.md").write_text(describe_model(card), encoding="utf-8")
    write_report(
        config.run_dir / "report",
        title=f"{config.name} {config.version}, {config.network} network",
        history=config.run_dir / "history.jsonl",
        sections=sections,
        facts={**training, **metrics["speed"], "temperature": round(temperature, 3)},
        seed=config.seed,
    )
    on_progress(Progress(stage="report", fraction=1.0))
    return folder


def draw_held_out(config: TrainConfig, data: TrainingData) -> HeldOut:
    """The pictures of the report; equal for equal seeds, data and fonts."""
    rng = np.random.default_rng((config.seed, _HELD_OUT))
    count = config.report_prints
    handprint = data.handprint.take(data.split.held_out)
    printed = draw_print(data.held_out_faces, count, Wear(), rng)
    by_kind = {
        str(kind): draw_rejects(
            data.held_out_faces, max(round(share * count / 2), 1), Wear(), rng, handprint, [kind]
        )
        for kind, share in REJECT_SHARES.items()
    }
    return HeldOut(handprint=handprint, printed=printed, rejects=by_kind)


def _watched(config: TrainConfig, data: TrainingData) -> dict[str, CharacterSet]:
    """What the curves show; neither the report's pictures nor those trained on."""
    rng = np.random.default_rng((config.seed, _WATCHED))
    return {
        "handprint": data.handprint.take(data.split.calibration),
        "print": draw_print(data.train_faces, 2000, Wear(), rng),
    }


def _calibrate(config: TrainConfig, data: TrainingData, model: Any) -> float:
    """One temperature for handprint and print, which count alike."""
    from training.characters.fit import logits_of

    rng = np.random.default_rng((config.seed, _CALIBRATION))
    handprint = data.handprint.take(data.split.calibration)
    printed = draw_print(data.train_faces, max(len(handprint), 1), Wear(), rng)
    both = CharacterSet.concatenate([handprint, printed])
    return fit_temperature(logits_of(model, both.images), both.labels)


def _representative(config: TrainConfig, data: TrainingData) -> Any:
    """Pictures whose activations set the int8 ranges: all kinds, of the training side."""
    rng = np.random.default_rng((config.seed, _REPRESENTATIVE))
    rows = rng.choice(data.split.train, size=min(300, len(data.split.train)), replace=False)
    printed = draw_print(data.train_faces, 400, Wear(), rng)
    rejects = draw_rejects(data.train_faces, 60, Wear(), rng, data.handprint.take(rows))
    return np.concatenate([data.handprint.images[np.sort(rows)], printed.images, rejects.images])


def _measure(
    config: TrainConfig, data: TrainingData, temperature: float
) -> tuple[dict[str, Any], list[Section]]:
    """The figures of the int8 model, and by how much the float one differs."""
    from pipeline.runtime.classifier import ResNetClassifier
    from pipeline.runtime.litert import LiteRTModel

    held_out, watched = draw_held_out(config, data), _watched(config, data)
    int8, floating = (
        ResNetClassifier(LiteRTModel(path), ASCII_CLASSES, temperature, REJECT)
        for path in (config.run_dir / "model" / "model.tflite", config.run_dir / "float.tflite")
    )
    started = time.process_time()
    handprint = int8.classify(held_out.handprint.images)
    int8_s = time.process_time() - started
    started = time.process_time()
    handprint_float = floating.classify(held_out.handprint.images)
    float_s = time.process_time() - started
    labels = held_out.handprint.labels
    names = [name for name in _HANDPRINT_SETS if has_any(labels, name)]
    sets = [answer(handprint, labels, name) for name in names]
    sets_float = [answer(handprint_float, labels, name) for name in names]
    printed = answer(int8.classify(held_out.printed.images), held_out.printed.labels, "ascii")
    printed_float = answer(
        floating.classify(held_out.printed.images), held_out.printed.labels, "ascii"
    )
    count = len(labels)
    metrics = {
        "handprint": [score(a).summary() for a in sets],
        "handprint_float": [score(a).summary() for a in sets_float],
        "print": [score(printed).summary()],
        "print_float": [score(printed_float).summary()],
        "rejection": score_rejection(
            fit_threshold(*(rejected(int8, watched[k]) for k in ("handprint", "print"))),
            rejected(int8, held_out.handprint),
            rejected(int8, held_out.printed),
            {kind: rejected(int8, found) for kind, found in held_out.rejects.items()},
        ),
        "speed": {
            "int8 characters a second on one core": round(count / max(int8_s, 1e-3)),
            "float characters a second on one core": round(count / max(float_s, 1e-3)),
        },
    }
    sections = [
        Section(title="handprint", images=held_out.handprint.images, answers=sets),
        Section(title="print", images=held_out.printed.images, answers=[printed]),
    ]
    return metrics, sections


def _facts(config: TrainConfig, data: TrainingData, weights: int) -> dict[str, Any]:
    lines = (config.run_dir / "history.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    return {
        "network": str(config.network),
        "weights": f"{weights:,}",
        "begun from": config.start.as_posix() if config.start else "random weights",
        "seed": config.seed,
        "steps": last["step"],
        "batch": config.batch,
        "seconds": round(last["elapsed_s"]),
        "handprint files": ", ".join(p.name for p in config.characters),
        "handprint train / calibration / held out": (
            f"{len(data.split.train)} / {len(data.split.calibration)} / {len(data.split.held_out)}"
        ),
        "split": data.split.fingerprint(),
        "font faces train / held out": f"{len(data.train_faces)} / {len(data.held_out_faces)}",
        "font families held out": ", ".join(sorted({f.family for f in data.held_out_faces})),
    }


def _refuse_another_run(config: TrainConfig) -> None:
    """Refuse to go on from the checkpoint of a run of another configuration."""
    path = config.run_dir / _CONFIG
    if newest_state(config.run_dir) is None or not path.exists():
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    now = json.loads(config.to_json())
    differing = [k for k in now if before.get(k) != now[k] and k not in _MAY_DIFFER]
    if differing:
        changes = "; ".join(f"{k}: {_told(before.get(k))}, now {_told(now[k])}" for k in differing)
        raise UsageError(
            f"{config.run_dir} holds a run that was begun with other settings ({changes}); give "
            "these again, or name another folder"
        )


def _told(value: object) -> str:
    """A setting as a person would say it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _remember(config: TrainConfig) -> None:
    """Keep the configuration with the run."""
    config.run_dir.mkdir(parents=True, exist_ok=True)
    (config.run_dir / _CONFIG).write_text(config.to_json() + "\n", encoding="utf-8")
