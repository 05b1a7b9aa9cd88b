"""Finding the trained models that ship, and checking that they are what was shipped.

Imports nothing heavy: `ocrq submit` asks for a model's identity without loading it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrq.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """One version of one model on disk, with its card read."""

    name: str
    version: str
    folder: Path
    card: Mapping[str, Any]  # card.json: docs/models.md

    @property
    def classes(self) -> str:
        """The characters of the outputs, in order, without the reject class."""
        return str(self.card["classes"])

    @property
    def reject_index(self) -> int | None:
        """The output for "no single character"; None: the model has none."""
        index = self.card["reject_index"]
        return None if index is None else int(index)

    @property
    def temperature(self) -> float:
        """What logits are divided by before the softmax."""
        return float(self.card["temperature"])

    @property
    def weights_sha256(self) -> str:
        """Identity of the weights: the hash of the file that CPU workers run."""
        return str(self.card["files"]["model.tflite"])


def models_root() -> Path:
    """Folder of the models that ship with this installation."""
    import models

    return Path(models.__path__[0])


def find_model(name: str, root: Path | None = None) -> ModelFiles:
    """The newest version of a model; versions are whole numbers.

    Raises:
        ModelError: there is no such model, or its card cannot be read.
    """
    versions = [m for m in list_models(root) if m.name == name]
    if not versions:
        known = sorted({m.name for m in list_models(root)}) or ["none"]
        raise ModelError(
            f"there is no model {name!r} in {root or models_root()}; found: {', '.join(known)}"
        )
    return versions[-1]


def list_models(root: Path | None = None) -> list[ModelFiles]:
    """Every version of every model, by name, oldest version first.

    Raises:
        ModelError: a card cannot be read.
    """
    cards = (root or models_root()).glob("*/*/card.json")
    folders = [p.parent for p in cards if p.parent.name.isdecimal()]
    return [_read(f) for f in sorted(folders, key=lambda f: (f.parent.name, int(f.name)))]


def verify(model: ModelFiles) -> None:
    """Compare every file of the model with the hash on its card.

    Raises:
        ModelError: a file is missing or differs; names it and the cure.
    """
    for filename, expected in model.card["files"].items():
        path = model.folder / filename
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise ModelError(
                f"{path}: a file of model {model.name} {model.version} cannot be read; "
                "install ocrq again"
            ) from exc
        if found != expected:
            raise ModelError(
                f"{path}: not the file that was shipped (sha256 {found[:12]}..., expected "
                f"{expected[:12]}...); install ocrq again"
            )


def verified_file(model: ModelFiles, filename: str) -> Path:
    """A file of the model after all of them were compared with their hashes.

    Raises:
        ModelError: a file is missing or differs, or the card has no hash for the one asked for.
    """
    if filename not in model.card["files"]:
        raise ModelError(
            f"{model.folder / 'card.json'}: no sha256 of {filename}, so that it cannot be trusted; "
            "install ocrq again"
        )
    verify(model)
    return model.folder / filename


def _read(folder: Path) -> ModelFiles:
    path = folder / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        card["files"]["model.tflite"], card["classes"], card["temperature"], card["reject_index"]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(f"{path}: the model's card cannot be read: {exc!r}") from exc
    return ModelFiles(name=folder.parent.name, version=folder.name, folder=folder, card=card)
