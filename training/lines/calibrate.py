"""Fit the calibration of a line recogniser: the form that holds where it was not fitted wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.calibration import KINDS, Calibration, Weights, features, rest_of_line, sigmoid
from training.lines.judge import Judged

Floats = npt.NDArray[np.float64]

#: What of a, b, c, d a form leaves free, as a matrix from its own weights; and where a fit begins.
_FORMS: Final[Mapping[str, Floats]] = MappingProxyType(
    {
        "temperature": np.array([[1, 1, 0, 0]], np.float64),
        "Platt": np.array([[1, 1, 0, 0], [0, 0, 1, 0]], np.float64),
        "beta": np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], np.float64),
    }
)
_WITH_LINE: Final = np.array([[0, 0, 0, 1]], np.float64)
#: Pull towards zero, in observations; keeps kinds that are nearly always right finite.
_RIDGE: Final = 1e-2
#: Each fold counts as so many observations, whatever its size: domains weigh alike.
_FOLD_WEIGHT: Final = 40_000.0
#: A lone fold is parted into so many blocks instead.
_BLOCKS: Final = 5


class _Option(NamedTuple):
    """One way to calibrate."""

    form: str  # of _FORMS
    by_kind: bool  # weights for each kind of character
    with_line: bool  # the rest of the line counts too

    def __str__(self) -> str:
        return self.form + " by kind" * self.by_kind + " with line" * self.with_line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fold:
    features: Floats  # (N, 4)
    kinds: npt.NDArray[np.int64]
    is_so: npt.NDArray[np.bool_]


def fit_calibration(folds: Mapping[str, Judged]) -> tuple[Calibration, dict[str, Any]]:
    """Choose and fit the calibration.

    Each form is fitted on all folds but one and its log loss taken on that one: a form with many
    weights fits the domains at hand better and the next one worse. The form with the least mean
    log loss, in shares of that of a constant, is fitted again on all folds.

    Args:
        folds: name of each domain -> its calibration fold, judged.

    Returns:
        The calibration, and what was compared: form -> mean log loss over that of a constant.
    """
    characters = {name: _characters(fold) for name, fold in folds.items()}
    missing = {name: _lines(fold) for name, fold in folds.items()}
    form, losses = _choose(characters, kinds=len(KINDS))
    missing_form, missing_losses = _choose(missing, kinds=1)
    digit, letter, space, punctuation = _fit(list(characters.values()), form)
    calibration = Calibration(
        kinds=(digit, letter, space, punctuation),
        missing=_fit(list(missing.values()), missing_form)[0],
    )
    return calibration, {
        "form": str(form),
        "missing_form": str(missing_form),
        "log_loss": losses,
        "missing_log_loss": missing_losses,
        "folds": {name: len(f.odds) for name, f in folds.items()},
    }


def calibration_for_card(calibration: Calibration, compared: Mapping[str, Any]) -> dict[str, Any]:
    """The value of the card's key `confidence`; Calibration.from_card reads it."""
    weights = {
        kind: [round(w, 5) for w in ws] for kind, ws in zip(KINDS, calibration.kinds, strict=True)
    }
    return {**weights, "missing": [round(w, 5) for w in calibration.missing], "chosen_by": compared}


def _characters(fold: Judged) -> _Fold:
    probability = 1 / (1 + fold.odds)
    found = features(probability, rest_of_line(probability, fold.line))
    return _Fold(features=found, kinds=fold.kinds, is_so=fold.is_right)


def _lines(fold: Judged) -> _Fold:
    count = len(fold.misses)
    found = features(fold.missing_risk, np.ones(count))
    return _Fold(features=found, kinds=np.zeros(count, np.int64), is_so=fold.misses)


def _choose(folds: Mapping[str, _Fold], kinds: int) -> tuple[_Option, dict[str, float]]:
    """The option with the least mean loss on the fold that is left out, and all of them."""
    parts = list(folds.values())
    if len(parts) == 1:
        parts = _blocks(parts[0])
    extras = (False, True) if kinds > 1 else (False,)
    options = [_Option(form, k, n) for k in extras for n in extras for form in _FORMS]
    losses = {}
    for option in options:
        left_out = [
            _log_loss(_fit(parts[:k] + parts[k + 1 :], option), part) / _constant_loss(part)
            for k, part in enumerate(parts)
        ]
        losses[str(option)] = round(float(np.mean(left_out)), 6)
    return min(options, key=lambda option: losses[str(option)]), losses


def _blocks(fold: _Fold) -> list[_Fold]:
    parts = [p for p in np.array_split(np.arange(len(fold.is_so)), _BLOCKS) if len(p)]
    return [
        _Fold(features=fold.features[p], kinds=fold.kinds[p], is_so=fold.is_so[p]) for p in parts
    ]


def _fit(parts: list[_Fold], option: _Option) -> list[Weights]:
    """Weights for each kind of character; all alike unless the option tells them apart."""
    form = _FORMS[option.form]
    form = np.concatenate((form, _WITH_LINE)) if option.with_line else form
    groups = [[k] for k in range(len(KINDS))] if option.by_kind else [list(range(len(KINDS)))]
    found: list[Weights] = []
    for group in groups:
        chosen = [np.isin(part.kinds, group) for part in parts]
        rows = np.concatenate([p.features[c] for p, c in zip(parts, chosen, strict=True)])
        is_so = np.concatenate([p.is_so[c] for p, c in zip(parts, chosen, strict=True)])
        shares = [np.full(int(c.sum()), _FOLD_WEIGHT / max(1, len(c))) for c in chosen]
        a, b, c, d = (_logistic(rows @ form.T, is_so, np.concatenate(shares)) @ form).tolist()
        found.append((a, b, c, d))
    return found if option.by_kind else found * len(KINDS)


def _logistic(design: Floats, is_so: npt.NDArray[np.bool_], weight: Floats) -> Floats:
    """Logistic regression by Newton's method."""
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        p = sigmoid(design @ weights)
        gradient = design.T @ (weight * (is_so - p)) - _RIDGE * weights
        curvature = (design * (weight * np.maximum(p * (1 - p), 1e-9))[:, None]).T @ design
        step = np.linalg.solve(curvature + _RIDGE * np.eye(len(weights)), gradient)
        # Far from the answer a whole step may overshoot where all answers are sure.
        weights += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    return weights


def _constant_loss(fold: _Fold) -> float:
    """Log loss of who knows only how many are so: else the worst read domain would decide."""
    p = float(np.clip(np.mean(fold.is_so), 1e-3, 1 - 1e-3))
    return float(-p * np.log(p) - (1 - p) * np.log1p(-p))


def _log_loss(weights: list[Weights], fold: _Fold) -> float:
    if len(fold.is_so) == 0:
        return 0.0
    p = np.clip(
        sigmoid((fold.features * np.array(weights)[fold.kinds]).sum(axis=1)), 1e-6, 1 - 1e-6
    )
    return float(-np.mean(np.where(fold.is_so, np.log(p), np.log1p(-p))))
