from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ocrq.errors import ModelError
from pipeline.weights import find_model, list_models, verified_file, verify


def write_model(root: Path, name: str, version: str, **changes: object) -> Path:
    folder = root / name / version
    folder.mkdir(parents=True)
    (folder / "model.tflite").write_bytes(f"{name} {version}".encode())
    digest = hashlib.sha256((folder / "model.tflite").read_bytes()).hexdigest()
    card = {
        "files": {"model.tflite": digest},
        "classes": "ab",
        "reject_index": 2,
        "temperature": 1.5,
        **changes,
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def test_the_newest_version_is_found_by_number(tmp_path: Path) -> None:
    for version in ("2", "10", "9"):
        write_model(tmp_path, "resnet", version)
    write_model(tmp_path, "resnet", "draft")
    write_model(tmp_path, "other", "1")
    model = find_model("resnet", tmp_path)
    assert (model.version, model.classes, model.reject_index, model.temperature) == (
        "10", "ab", 2, 1.5,
    )  # fmt: skip
    assert [(m.name, m.version) for m in list_models(tmp_path)] == [
        ("other", "1"), ("resnet", "2"), ("resnet", "9"), ("resnet", "10"),
    ]  # fmt: skip
    verify(model)


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path, "resnet", "1")
    (folder / "model.tflite").write_bytes(b"something else")
    with pytest.raises(ModelError, match=r"model\.tflite: not the file that was shipped"):
        verify(find_model("resnet", tmp_path))
    (folder / "model.tflite").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        verify(find_model("resnet", tmp_path))


def test_an_unknown_model_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="none"):
        find_model("resnet", tmp_path)
    write_model(tmp_path, "resnet", "1")
    with pytest.raises(ModelError, match="found: resnet"):
        find_model("crnn", tmp_path)


@pytest.mark.parametrize("text", ["no json", "{}", "[]", '{"files": {}}'])
def test_a_bad_card_is_a_model_error(tmp_path: Path, text: str) -> None:
    (write_model(tmp_path, "resnet", "1") / "card.json").write_text(text)
    with pytest.raises(ModelError, match=r"card\.json"):
        find_model("resnet", tmp_path)


def test_a_model_without_a_reject_class(tmp_path: Path) -> None:
    write_model(tmp_path, "plain", "1", reject_index=None)
    assert find_model("plain", tmp_path).reject_index is None


def test_a_file_without_a_hash_is_not_loaded(tmp_path: Path) -> None:
    folder = write_model(tmp_path, "resnet", "1")
    (folder / "model.keras").write_bytes(b"from somewhere")
    model = find_model("resnet", tmp_path)
    assert verified_file(model, "model.tflite") == folder / "model.tflite"
    with pytest.raises(ModelError, match=r"no sha256 of model\.keras"):
        verified_file(model, "model.keras")
