"""The weights that ship: whole, within their bounds, and able to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.nets.vocabulary import ASCII_CLASSES, restrict
from pipeline.runtime.classifier import ResNetClassifier, load_classifier
from pipeline.weights import ModelFiles, find_model
from tests.unit.training.character_files import copy_fonts
from training.characters.charset import CharacterSet
from training.characters.evaluate import answer, score
from training.characters.print_glyphs import Wear, draw_print
from training.characters.rejects import draw_rejects
from training.fonts import find_fonts, load_faces

#: Lightly worn: what a good scan of a clear page shows.
_LIGHT = Wear(x_height_px=(16.0, 40.0), broken=0.0, specks=0.0, cut=0.0, compressed=0.0)


@pytest.fixture(scope="module")
def model() -> ModelFiles:
    return find_model("resnet")


@pytest.fixture(scope="module")
def classifier(model: ModelFiles) -> ResNetClassifier:
    return load_classifier(model)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> CharacterSet:
    faces = load_faces(find_fonts([copy_fonts(tmp_path_factory.mktemp("fonts"))]))
    return draw_print(faces, 600, _LIGHT, np.random.default_rng(5))


def test_the_files_are_small_and_described(model: ModelFiles) -> None:
    assert set(model.card["files"]) == {"model.tflite", "model.keras", "vocab.txt"}
    for name in (*model.card["files"], "CARD.md"):
        assert (model.folder / name).stat().st_size < 8_000_000
    assert model.card["name"] == "resnet"
    assert model.card["version"] == model.version
    vocabulary = (model.folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    assert vocabulary == [*model.classes, "<reject>"]
    assert model.classes == ASCII_CLASSES


def test_the_card_keeps_what_was_promised(model: ModelFiles) -> None:
    metrics = model.card["metrics"]
    scores = {m["class_set"]: m for m in metrics["handprint"]}
    floats = {m["class_set"]: m for m in metrics["handprint_float"]}
    assert scores["upper36"]["accuracy"] >= 0.92
    assert scores["upper36"]["merged_accuracy"] >= 0.983
    assert scores["alnum"]["accuracy"] >= 0.84
    for name, figures in scores.items():
        assert figures["accuracy"] >= floats[name]["accuracy"] - 0.005


def test_it_reads_clear_print(classifier: ResNetClassifier, printed: CharacterSet) -> None:
    probabilities = classifier.classify(printed.images)
    assert score(answer(probabilities, printed.labels, "ascii")).merged_accuracy > 0.97


def test_it_rejects_what_is_no_character(classifier: ResNetClassifier, tmp_path: Path) -> None:
    faces = load_faces(find_fonts([copy_fonts(tmp_path / "fonts")]))
    rejects = draw_rejects(faces, 100, _LIGHT, np.random.default_rng(5))
    rejected = classifier.classify(rejects.images).argmax(axis=1) == classifier.reject_index
    assert rejected.mean() > 0.8


def test_cpu_and_gpu_files_agree(
    model: ModelFiles, classifier: ResNetClassifier, printed: CharacterSet
) -> None:
    floating = load_classifier(model, "gpu")  # TensorFlow; without a GPU on the CPU
    images = printed.images[:200]
    int8, exact = classifier.classify(images), floating.classify(images)
    assert (int8.argmax(axis=1) == exact.argmax(axis=1)).mean() >= 0.98
    assert np.abs(int8 - exact).mean() < 0.002


def test_an_answer_does_not_depend_on_the_batch(
    classifier: ResNetClassifier, printed: CharacterSet
) -> None:
    images = printed.images[:70]
    whole = classifier.classify(images)
    parts = np.concatenate([classifier.classify(images[i : i + 9]) for i in range(0, 70, 9)])
    assert np.allclose(whole, parts, atol=1e-6)
    digits = restrict(whole, classifier.classes, "0123456789")
    assert np.allclose(digits.sum(axis=1), 1, atol=1e-5)
