"""Writing a trained model as the folder that ships: weights, vocabulary, card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.glyph_image import SIZE_PX
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.batches import to_input
from training.characters.charset import REJECT
from training.export_litert import convert_int8, export_float


def write_weights(model: Any, folder: Path, representative: npt.NDArray[np.uint8]) -> None:
    """Write model.tflite (int8), model.keras (float, no optimizer) and vocab.txt.

    Args:
        model: Keras model that gives logits.
        folder: made when missing.
        representative: pictures (N, 32, 32) of all kinds that will be read; some hundreds. Their
            activations set the int8 ranges, so they must hold print, handprint and rejects.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # A copy that was never compiled: the file would carry the optimizer's momentum else.
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(folder / "model.keras")
    samples = (picture[None] for picture in to_input(representative))
    (folder / "model.tflite").write_bytes(convert_int8(bare, samples))
    lines = [*ASCII_CLASSES, "<reject>"]
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_float_litert(model: Any, path: Path) -> None:
    """Write the float LiteRT file that the int8 one is compared with; it does not ship."""
    path.parent.mkdir(parents=True, exist_ok=True)
    export_float(model, path)


def write_card(
    folder: Path,
    *,
    name: str,
    version: str,
    temperature: float,
    metrics: Mapping[str, Any],
    training: Mapping[str, Any],
) -> None:
    """Write card.json with the hashes of the files that are there; pipeline.weights reads it."""
    files = {
        filename: hashlib.sha256((folder / filename).read_bytes()).hexdigest()
        for filename in ("model.tflite", "model.keras", "vocab.txt")
    }
    card = {
        "name": name,
        "version": version,
        "files": files,
        "classes": ASCII_CLASSES,
        "reject_index": REJECT,
        "temperature": round(temperature, 4),
        "input": {"size": SIZE_PX, "ink": "white on black", "range": [0, 1]},
        "metrics": metrics,
        "training": training,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
