"""How honest confidences are, how well they find errors, and what they cannot show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from training.evaluation.judge import KINDS, Judged
from training.metrics import (
    REVIEW_SHARES,
    adaptive_calibration_error,
    brier_skill,
    calibration_error_by_chance,
    discrimination,
    errors_found,
)
from training.text_score import Bounds, middle_95

Confidences = npt.NDArray[np.float32]  # (N,)
Rightness = npt.NDArray[np.bool_]  # (N,)

#: Below it a character is doubtful: a bound that keeps the many sure ones from hiding the rest.
DOUBTFUL = 0.95
_BINS = 15
_RESAMPLES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure and its 95 % interval by bootstrap over documents; None for fewer than two."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScore:
    """Confidences of one class of characters."""

    kind: str
    characters: int
    wrong: int
    ece: float
    auroc: float
    found: float  # share of its errors among its own least confident 5 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin of a reliability plot: characters of like confidence."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceScore:
    """Confidences of the characters that were read, and errors that have none."""

    characters: int  # judged
    wrong: int
    set_aside: int  # in runs of six wrong ones and more: not judged
    missed: int  # characters of the truth that were not read
    missed_runs: int  # of these, in runs of six and more: words, lines, captions
    ece: Estimate  # adaptive bins
    ece_by_chance: float  # what perfectly honest confidences would show here
    doubtful: int  # characters below 0.95 ...
    ece_doubtful: Estimate  # ... and how honest these are
    ece_doubtful_by_chance: float
    brier_skill: Estimate
    auroc: Estimate
    errors_found: tuple[tuple[float, Estimate], ...]  # (share reviewed, share of errors found)
    kinds: tuple[KindScore, ...]
    bins: tuple[Bin, ...]


def score_confidences(judged: Sequence[Judged]) -> ConfidenceScore | None:
    """The figures of all documents together; None where no character can be judged."""
    return score_answers(
        [j.confidence for j in judged],
        [j.is_right for j in judged],
        [j.kind for j in judged],
        groups=[j.group for j in judged],
        set_aside=sum(j.set_aside for j in judged),
        missed=sum(j.missed for j in judged),
        missed_runs=sum(j.missed_runs for j in judged),
    )


def score_answers(
    confidence: Sequence[Confidences],
    is_right: Sequence[Rightness],
    kind: Sequence[npt.NDArray[np.uint8]],
    *,
    groups: Sequence[str],
    set_aside: int = 0,
    missed: int = 0,
    missed_runs: int = 0,
) -> ConfidenceScore | None:
    """The same for arrays, one of each for a document; documents of one group stay together."""
    if sum(map(len, confidence)) == 0:
        return None
    values, right, kinds = (np.concatenate(list(part)) for part in (confidence, is_right, kind))
    draws = list(_draws(confidence, is_right, groups))

    def estimate(figure: Callable[[Confidences, Rightness], float]) -> Estimate:
        value = figure(values, right)
        bounds: Bounds = middle_95([figure(c, r) for c, r in draws]) if draws else (None, None)
        return Estimate(value=value, low=bounds[0], high=bounds[1])

    return ConfidenceScore(
        characters=len(values),
        wrong=int((~right).sum()),
        set_aside=set_aside,
        missed=missed,
        missed_runs=missed_runs,
        ece=estimate(adaptive_calibration_error),
        ece_by_chance=calibration_error_by_chance(values),
        doubtful=int((values < DOUBTFUL).sum()),
        ece_doubtful=estimate(_doubtful_error),
        ece_doubtful_by_chance=calibration_error_by_chance(values[values < DOUBTFUL]),
        brier_skill=estimate(brier_skill),
        auroc=estimate(discrimination),
        errors_found=tuple(
            (share, estimate(partial(errors_found, share=share))) for share in REVIEW_SHARES
        ),
        kinds=tuple(
            _kind_score(name, values[kinds == k], right[kinds == k])
            for k, name in enumerate(KINDS)
            if (kinds == k).any()
        ),
        bins=_bins(values, right),
    )


def _doubtful_error(confidence: Confidences, is_right: Rightness) -> float:
    rows = confidence < DOUBTFUL
    return adaptive_calibration_error(confidence[rows], is_right[rows])


def _kind_score(kind: str, confidence: Confidences, is_right: Rightness) -> KindScore:
    return KindScore(
        kind=kind,
        characters=len(confidence),
        wrong=int((~is_right).sum()),
        ece=adaptive_calibration_error(confidence, is_right),
        auroc=discrimination(confidence, is_right),
        found=errors_found(confidence, is_right, 0.05),
    )


def _bins(confidence: Confidences, is_right: Rightness) -> tuple[Bin, ...]:
    """Bins of equal count among the doubtful, and further ones above: most are sure."""
    order = np.argsort(confidence, kind="stable")
    doubtful = int((confidence < DOUBTFUL).sum())
    parts = [*np.array_split(order[:doubtful], _BINS), *np.array_split(order[doubtful:], 5)]
    return tuple(
        Bin(
            confidence=float(confidence[part].mean()),
            right=float(is_right[part].mean()),
            count=len(part),
        )
        for part in parts
        if len(part)
    )


def _draws(
    confidence: Sequence[Confidences], is_right: Sequence[Rightness], groups: Sequence[str]
) -> list[tuple[Confidences, Rightness]]:
    members: dict[str, list[int]] = {}
    for k, group in enumerate(groups):
        members.setdefault(group, []).append(k)
    if len(members) < 2:
        return []
    whole = [
        (np.concatenate([confidence[k] for k in m]), np.concatenate([is_right[k] for k in m]))
        for m in members.values()
    ]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        chosen = rng.integers(0, len(whole), len(whole))
        drawn.append(
            (
                np.concatenate([whole[k][0] for k in chosen]),
                np.concatenate([whole[k][1] for k in chosen]),
            )
        )
    return drawn
