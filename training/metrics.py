"""Figures about answers: accuracy, F1, calibration, what review by confidence finds."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float32]  # (N, C), rows sum to 1
Labels = npt.NDArray[np.int64]  # (N,)

_CASE_TWINS: Final = ("Cc", "Kk", "Mm", "Pp", "Uu", "Vv", "Ww", "Xx")
#: Letters without regard to their case.
CASES: Final = tuple(c.upper() + c for c in string.ascii_lowercase)
#: Characters that one picture of fixed size cannot tell apart, by class set. Their labels are
#: ambiguous even to people; the line (height, neighbours) decides.
TWINS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "digits": (),
        "upper": (),
        "upper36": ("0O", "1I", "5S", "2Z"),
        "alnum": ("0Oo", "1Il", "5Ss", "2Zz", "9gq", *_CASE_TWINS),
        "ascii": (
            *("0Oo", "1Il|", "5Ss", "2Zz", "9gq", *_CASE_TWINS),
            *(",'`", "-_~"),
        ),
    }
)
#: Shares of the least confident answers that a reviewer looks at.
REVIEW_SHARES: Final = (0.01, 0.02, 0.05, 0.10, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """Precision, recall and F1 (0..1) of one class, and its true count."""

    char: str
    precision: float
    recall: float
    f1: float
    count: int


def share_interval(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of `count` (Wilson 1927): one of few has a wide one, even if all.

    >>> [round(end, 3) for end in share_interval(1.0, 2)]
    [0.342, 1.0]
    """
    z2 = 1.96**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = (z2 * (share * (1 - share) + z2 / 4)) ** 0.5 / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


def confusion_matrix(truth: Labels, answers: Labels, classes: int) -> npt.NDArray[np.int64]:
    """Counts (C, C): rows are the truth, columns the answers.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    counts = np.bincount(truth * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def class_figures(confusion: npt.NDArray[np.int64], classes: str) -> tuple[ClassFigures, ...]:
    """Figures of every class that occurs in the truth, in class order."""
    hits = np.diag(confusion).astype(np.float64)
    precision = hits / np.maximum(confusion.sum(axis=0), 1)
    recall = hits / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return tuple(
        ClassFigures(
            char=char,
            precision=float(precision[i]),
            recall=float(recall[i]),
            f1=float(f1[i]),
            count=int(confusion[i].sum()),
        )
        for i, char in enumerate(classes)
        if confusion[i].any()
    )


def merge_map(classes: str, twins: tuple[str, ...]) -> Labels:
    """Class number to class number, twins on the first of their group.

    >>> merge_map("01OI", ("0O", "1I")).tolist()
    [0, 1, 0, 1]
    """
    merged = np.arange(len(classes), dtype=np.int64)
    for group in twins:
        members = [classes.index(c) for c in group if c in classes]
        merged[members] = min(members, default=0)
    return merged


def expected_calibration_error(
    confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_], bins: int = 15
) -> float:
    """Mean distance of confidence and accuracy over bins of equal width (Guo et al. 2017).

    >>> expected_calibration_error(np.array([0.75] * 4, np.float32), np.array([1, 1, 1, 0], bool))
    0.0
    """
    if len(confidence) == 0:
        return 0.0
    numbers = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    counts = np.bincount(numbers, minlength=bins)
    sums = np.bincount(numbers, weights=confidence, minlength=bins)
    hits = np.bincount(numbers, weights=is_right, minlength=bins)
    return float(np.abs(sums - hits)[counts > 0].sum() / len(confidence))


def adaptive_calibration_error(
    confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_], bins: int = 15
) -> float:
    """Mean distance of confidence and accuracy over bins of equal count (Nguyen and O'Connor 2015).

    Bins of equal width leave most of them empty where nearly all answers are sure. Equal
    confidences share a bin, so that their order does not matter.

    >>> adaptive_calibration_error(np.array([0.5] * 4, np.float32), np.array([1, 1, 1, 0], bool))
    0.25
    """
    if len(confidence) == 0:
        return 0.0
    values, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    hits = np.bincount(inverse, weights=is_right)
    middles = np.cumsum(counts) - counts / 2
    numbers = np.minimum((middles * bins / len(confidence)).astype(np.int64), bins - 1)
    gaps = np.bincount(numbers, weights=values * counts - hits)
    return float(np.abs(gaps).sum() / len(confidence))


def calibration_error_by_chance(
    confidence: npt.NDArray[np.float32], bins: int = 15, draws: int = 50
) -> float:
    """The mean adaptive error that perfectly honest confidences would show: not 0 in few answers.

    Each answer is drawn to be right as often as its confidence says (Bröcker and Smith 2007,
    "Increasing the reliability of reliability diagrams").

    >>> calibration_error_by_chance(np.ones(9, np.float32))
    0.0
    """
    rng = np.random.default_rng(0)
    errors = (
        adaptive_calibration_error(confidence, rng.random(len(confidence)) < confidence, bins)
        for _ in range(draws)
    )
    return float(np.mean(list(errors)))


def brier_skill(confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_]) -> float:
    """How much better than a constant, the accuracy: 1 perfect, 0 no better (Brier 1950).

    >>> brier_skill(np.array([1.0, 0.0], np.float32), np.array([True, False]))
    1.0
    >>> brier_skill(np.array([0.5, 0.5], np.float32), np.array([True, False]))
    0.0
    """
    accuracy = float(np.mean(is_right)) if len(is_right) else 0.0
    constant = accuracy * (1 - accuracy)
    if constant == 0.0:
        return 0.0
    return 1.0 - float(np.mean((confidence.astype(np.float64) - is_right) ** 2)) / constant


def errors_found(
    confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_], share: float
) -> float:
    """Share of all errors that lie among the least confident `share` of answers, 0..1.

    >>> errors_found(np.array([0.2, 0.9, 0.8, 0.7], np.float32), np.array([0, 1, 1, 0], bool), 0.25)
    0.5
    """
    wrong = ~is_right
    if not wrong.any():
        return 1.0
    looked_at = np.argsort(confidence, kind="stable")[: round(share * len(confidence))]
    return float(wrong[looked_at].sum() / wrong.sum())


def discrimination(confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_]) -> float:
    """AUROC: chance that a right answer is more confident than a wrong one; 0.5 if undefined.

    >>> discrimination(np.array([0.9, 0.8, 0.3], np.float32), np.array([1, 1, 0], bool))
    1.0
    """
    right, wrong = int(is_right.sum()), int((~is_right).sum())
    if right == 0 or wrong == 0:
        return 0.5
    _, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # ties share their mean rank
    return float((ranks[is_right].sum() - right * (right + 1) / 2) / (right * wrong))
