"""Ship a trained line recogniser: LiteRT and Keras file, vocabulary, calibrated card."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.line_image import HEIGHT_PX, STRIDE_PX, padded_width
from pipeline.runtime.graph import Runtime, run_pixels
from pipeline.vocabulary import CHARACTERS
from training.export_litert import convert_mixed
from training.lines.model_card import describe_line_model
from training.lines.synthesise import Lines

_FILES = ("model.tflite", "model.keras", "vocab.txt")


def write_line_weights(
    net: Any, folder: Path, pictures: Sequence[npt.NDArray[np.uint8]] = ()
) -> Any:
    """Write model.tflite (int8 weights), model.keras (float16) and vocab.txt into a folder.

    Args:
        net: the line recogniser.
        folder: what ships.
        pictures: (32, W) of lines, ink 255, by which the int8 weights are rounded: some hundred, of
            all kinds that are read. Without any, each weight is rounded for itself.

    Returns:
        The network as it is stored, with float16 weights: both files are made from it.
    """
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    # A copy without the trainer around it: the file would carry the optimizer's state else.
    bare = type(net).from_config(net.get_config())
    bare.set_weights(net.get_weights())
    bare.save(folder / "model.keras")
    halve(folder / "model.keras")
    stored = keras.saving.load_model(folder / "model.keras", compile=False)
    seen = [padded([picture]).astype(np.float32) / np.float32(255) for picture in pictures]
    (folder / "model.tflite").write_bytes(convert_mixed(stored, pictures=seen))
    (folder / "vocab.txt").write_text("\n".join(["<blank>", *CHARACTERS]) + "\n", encoding="utf-8")
    return stored


def halve(path: Path) -> None:
    """Store the weights of a `.keras` file in float16; Keras makes float32 of them as it loads.

    A repository keeps every version of the weights, and the next training begins as well from
    these: a weight changes by less than a thousandth of itself.
    """
    import h5py

    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    weights = io.BytesIO(parts["model.weights.h5"])
    half = io.BytesIO()
    with h5py.File(weights) as full, h5py.File(half, "w") as target:
        _copy_in_half(full, target)
    parts["model.weights.h5"] = half.getvalue()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as result:
        for name, content in parts.items():
            result.writestr(name, content)


def _copy_in_half(group: Any, target: Any) -> None:
    """Groups, attributes and data sets of an h5 group; floats as float16."""
    target.attrs.update(group.attrs)
    for name, part in group.items():
        if hasattr(part, "items"):
            _copy_in_half(part, target.create_group(name))
        else:
            content = np.asarray(part)
            floats = content.dtype == np.float32
            kept = target.create_dataset(name, data=content.astype("f2") if floats else content)
            kept.attrs.update(part.attrs)


def padded(images: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """(N, 32, W, 1) uint8 pixels as the network takes them, padded with paper (0)."""
    width = padded_width(max(i.shape[1] for i in images))
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


def write_line_card(
    folder: Path,
    *,
    version: str,
    confidence: Mapping[str, Any],
    metrics: Mapping[str, Any],
    training: Mapping[str, Any],
    name: str = "crnn",
) -> None:
    """Write card.json with the hashes of the files that are there; pipeline.weights reads it."""
    card = {
        "name": name,
        "version": version,
        "files": {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in _FILES
        },
        "classes": CHARACTERS,
        "reject_index": None,
        "temperature": 1.0,
        "confidence": confidence,
        "input": {"height": HEIGHT_PX, "step": STRIDE_PX, "ink": "white on black"},
        "metrics": metrics,
        "training": training,
    }
    store_card(folder, card)


def store_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write card.json, and CARD.md made from it."""
    (folder / "card.json").write_text(
        json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "CARD.md").write_text(describe_line_model(card), encoding="utf-8")
