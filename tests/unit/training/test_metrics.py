from __future__ import annotations

import numpy as np
import pytest

from ocrq.errors import UsageError
from pipeline.nets.vocabulary import ASCII_CLASSES, class_set, restrict
from training.characters.calibrate import fit_temperature
from training.characters.evaluate import answer, score
from training.metrics import (
    class_figures,
    confusion_matrix,
    discrimination,
    errors_found,
    expected_calibration_error,
)


def spread(rows: list[dict[str, float]]) -> np.ndarray:
    """Probabilities (N, 95) with the given mass, the rest on the reject class."""
    result = np.zeros((len(rows), 95), dtype=np.float32)
    for row, masses in zip(result, rows, strict=True):
        for char, mass in masses.items():
            row[ASCII_CLASSES.index(char)] = mass
        row[94] = 1 - row.sum()
    return result


def labels(text: str) -> np.ndarray:
    return np.array([ASCII_CLASSES.index(c) for c in text])


def test_answers_are_restricted_to_the_class_set() -> None:
    probabilities = spread([{"o": 0.6, "0": 0.3}, {"A": 0.9}, {"b": 0.9}])
    answers = answer(probabilities, labels("0Ab"), "upper36")
    assert answers.rows.tolist() == [0, 1]  # b is none of them
    assert answers.is_right.all()
    assert answers.confidence[0] == pytest.approx(1.0)


def test_merged_accuracy_forgives_twins_only() -> None:
    probabilities = spread([{"O": 0.9}, {"B": 0.9}, {"C": 0.9}])
    result = score(answer(probabilities, labels("0AC"), "upper36"))
    assert result.accuracy == pytest.approx(1 / 3)
    assert result.merged_accuracy == pytest.approx(2 / 3)
    assert result.summary()["merged_accuracy"] == 0.6667


def test_a_set_without_pictures_is_refused() -> None:
    with pytest.raises(UsageError, match="digits"):
        answer(spread([{"A": 1}]), labels("A"), "digits")


def test_restrict_gives_probabilities() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(95), 20).astype(np.float32)
    kept = restrict(probabilities, ASCII_CLASSES, class_set("upper"))
    assert kept.shape == (20, 94)
    assert np.allclose(kept.sum(axis=1), 1, atol=1e-5)
    assert not kept[:, :10].any()
    certain = restrict(spread([{}]), ASCII_CLASSES, "AB")
    assert certain[0, 10] == certain[0, 11] == 0.5


def test_unknown_sets_and_characters() -> None:
    with pytest.raises(UsageError, match="upper36"):
        class_set("greek")
    with pytest.raises(UsageError, match="none"):
        restrict(spread([{}]), ASCII_CLASSES, "é")


def test_figures_of_a_class() -> None:
    confusion = confusion_matrix(labels("AAAB"), labels("AABB"), 94)
    a, b = class_figures(confusion, ASCII_CLASSES)
    assert (a.char, a.count, a.precision) == ("A", 3, 1.0)
    assert a.recall == pytest.approx(2 / 3)
    assert (b.char, b.precision, b.recall) == ("B", 0.5, 1.0)
    assert a.f1 == pytest.approx(0.8)


def test_the_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1.5, (20_000, 5))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert fit_temperature((logits * 2).astype(np.float32), truth) == pytest.approx(2, abs=0.1)
    confidence = probabilities.max(axis=1).astype(np.float32)
    assert expected_calibration_error(confidence, probabilities.argmax(axis=1) == truth) < 0.02


def test_review_and_discrimination_by_confidence() -> None:
    confidence = np.linspace(0, 1, 100, dtype=np.float32)
    is_right = confidence > 0.1
    assert errors_found(confidence, is_right, 0.1) == 1
    assert errors_found(confidence, is_right, 0.05) == 0.5
    assert discrimination(confidence, is_right) == 1
    assert discrimination(np.full(100, 0.5, np.float32), is_right) == 0.5
    assert errors_found(confidence, np.ones(100, dtype=np.bool_), 0.01) == 1
    assert expected_calibration_error(confidence[:0], is_right[:0]) == 0
