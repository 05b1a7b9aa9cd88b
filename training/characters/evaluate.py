"""How good a classifier of characters is, with the prior that a user would choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocrq.errors import UsageError
from pipeline.nets.vocabulary import ASCII_CLASSES, class_set, restrict
from training.metrics import (
    CASES,
    REVIEW_SHARES,
    TWINS,
    ClassFigures,
    class_figures,
    confusion_matrix,
    discrimination,
    errors_found,
    expected_calibration_error,
    merge_map,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterScore:
    """Figures of one class set on one set of pictures; shares and probabilities are 0..1."""

    class_set: str  # its name: what the answers were restricted to
    count: int  # pictures of these classes
    accuracy: float
    merged_accuracy: float  # twins that no picture tells apart count as one: training.metrics.TWINS
    case_merged_accuracy: float  # letters of either case count as one
    macro_f1: float  # mean over the classes that occur
    ece: float  # expected calibration error, 15 bins
    auroc: float  # of confidence against rightness
    errors_found: tuple[tuple[float, float], ...]  # (share reviewed, share of errors found)
    figures: tuple[ClassFigures, ...]

    def summary(self) -> dict[str, Any]:
        """The figures without those of single classes, rounded, for a card or a table."""
        return {
            "class_set": self.class_set,
            "count": self.count,
            "accuracy": round(self.accuracy, 4),
            "merged_accuracy": round(self.merged_accuracy, 4),
            "case_merged_accuracy": round(self.case_merged_accuracy, 4),
            "macro_f1": round(self.macro_f1, 4),
            "ece": round(self.ece, 4),
            "auroc": round(self.auroc, 4),
            "errors_found": {f"{share:.0%}": round(v, 3) for share, v in self.errors_found},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a classifier said to the pictures whose character is in the class set."""

    class_set: str
    rows: npt.NDArray[np.int64]  # which pictures of the set
    labels: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float32]

    @property
    def is_right(self) -> npt.NDArray[np.bool_]:
        is_right: npt.NDArray[np.bool_] = self.answers == self.labels
        return is_right


def answer(
    probabilities: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], name: str
) -> Answers:
    """The best class of the set for each picture that shows one of it.

    Args:
        probabilities: (N, 94 or more) in the order of ASCII_CLASSES.
        labels: (N,).
        name: of the class set.

    Raises:
        UsageError: no picture shows a character of the set.
    """
    allowed = class_set(name)
    rows = np.flatnonzero(_is_of(labels, name))
    if len(rows) == 0:
        raise UsageError(f"none of the pictures shows a character of {name!r}")
    restricted = restrict(probabilities[rows], ASCII_CLASSES, allowed)
    return Answers(
        class_set=name,
        rows=rows,
        labels=labels[rows],
        answers=restricted.argmax(axis=1).astype(np.int64),
        confidence=restricted.max(axis=1),
    )


def has_any(labels: npt.NDArray[np.int64], name: str) -> bool:
    """Whether any picture shows a character of the class set."""
    return bool(_is_of(labels, name).any())


def _is_of(labels: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.bool_]:
    return np.isin(labels, [ASCII_CLASSES.index(c) for c in class_set(name)])


def score(answers: Answers) -> CharacterScore:
    """The figures of one set of answers."""
    confusion = confusion_matrix(answers.labels, answers.answers, len(ASCII_CLASSES))
    figures = class_figures(confusion, ASCII_CLASSES)
    is_right = answers.is_right
    return CharacterScore(
        class_set=answers.class_set,
        count=len(answers.rows),
        accuracy=float(is_right.mean()),
        merged_accuracy=_merged(answers, TWINS[answers.class_set]),
        case_merged_accuracy=_merged(answers, CASES),
        macro_f1=float(np.mean([f.f1 for f in figures])),
        ece=expected_calibration_error(answers.confidence, is_right),
        auroc=discrimination(answers.confidence, is_right),
        errors_found=tuple(
            (share, errors_found(answers.confidence, is_right, share)) for share in REVIEW_SHARES
        ),
        figures=figures,
    )


def _merged(answers: Answers, groups: tuple[str, ...]) -> float:
    """Accuracy with the characters of each group counted as one."""
    one = merge_map(ASCII_CLASSES, groups)
    return float((one[answers.answers] == one[answers.labels]).mean())
