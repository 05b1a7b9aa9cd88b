"""Ship a trained line recogniser: LiteRT and Keras file, vocabulary, calibrated card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from pipeline.ctc import best_path, log_softmax
from pipeline.line_image import HEIGHT_PX, STRIDE_PX
from pipeline.runtime.graph import Runtime, run_pixels
from pipeline.vocabulary import CHARACTERS, decode
from training.export_litert import convert_dynamic_range
from training.lines.synthesise import Lines

_FILES = ("model.tflite", "model.keras", "vocab.txt")
_WIDTH_STEP_PX = 64


def write_line_weights(net: Any, folder: Path) -> None:
    """Write model.tflite (int8 weights), model.keras and vocab.txt into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    # A copy without the trainer around it: the file would carry the optimizer's state else.
    bare = type(net).from_config(net.get_config())
    bare.set_weights(net.get_weights())
    bare.save(folder / "model.keras")

    (folder / "model.tflite").write_bytes(convert_dynamic_range(bare))
    (folder / "vocab.txt").write_text("\n".join(["<blank>", *CHARACTERS]) + "\n", encoding="utf-8")


def padded(images: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """(N, 32, W, 1) uint8 pixels as the network takes them, padded with paper (0)."""
    width = -(-max(i.shape[1] for i in images) // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
    batch = np.zeros((len(images), HEIGHT_PX, width, 1), np.uint8)
    for row, image in zip(batch, images, strict=True):
        row[:, : image.shape[1], 0] = image
    return batch


def read_logits(model: Runtime, lines: Lines) -> list[npt.NDArray[np.float32]]:
    """Logits (T, C) of each line's valid frames."""
    return [
        run_pixels(model, padded([image]))[0, : -(-image.shape[1] // STRIDE_PX)]
        for image in lines.images
    ]


def fit_line_temperature(logits: list[npt.NDArray[np.float32]], lines: Lines) -> float:
    """The temperature under which characters' confidences are right as often as they say.

    The log loss of "this character is right" is taken over the characters of the best path; which
    are right is known from an alignment with the truth.
    """
    grid = np.exp(np.linspace(np.log(0.6), np.log(2.5), 20))
    losses = []
    for temperature in grid:
        confidence, right = confidences(logits, lines, float(temperature))
        clipped = np.clip(confidence, 1e-5, 1 - 1e-5)
        losses.append(-np.mean(np.where(right, np.log(clipped), np.log1p(-clipped))))
    return float(grid[int(np.argmin(losses))])


def confidences(
    logits: list[npt.NDArray[np.float32]], lines: Lines, temperature: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Confidence of every character read, and whether it is right."""
    values: list[float] = []
    right: list[bool] = []
    for frames, truth in zip(logits, lines.texts, strict=True):
        spoken = best_path(log_softmax(frames, temperature))
        read = decode([s.index for s in spoken])
        hits = np.zeros(len(read), np.bool_)
        for op in Levenshtein.opcodes(read, truth):
            if op.tag == "equal":
                hits[op.src_start : op.src_end] = True
        values += [s.candidates[0][1] for s in spoken]
        right += hits.tolist()
    return np.array(values), np.array(right, np.bool_)


def write_line_card(
    folder: Path,
    *,
    version: str,
    temperature: float,
    metrics: Mapping[str, Any],
    training: Mapping[str, Any],
) -> None:
    """Write card.json with the hashes of the files that are there; pipeline.weights reads it."""
    card = {
        "name": "crnn",
        "version": version,
        "files": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _FILES
        },
        "classes": CHARACTERS,
        "reject_index": None,
        "temperature": round(temperature, 4),
        "input": {"height": HEIGHT_PX, "step": STRIDE_PX, "ink": "white on black"},
        "metrics": metrics,
        "training": training,
    }
    (folder / "card.json").write_text(
        json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
