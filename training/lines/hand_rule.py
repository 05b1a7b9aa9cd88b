"""Which lines are hand print, by what the network for all lines says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Logits
from pipeline.engines.hand_lines import HandRule, outputs_mean

Floats = npt.NDArray[np.float64]

_STEPS: Final = 3_000
_RATE: Final = 0.02
_DECAY: Final = 0.01
#: Classes that a network hardly ever tells apart on any line say nothing.
_LEAST_SPREAD: Final = 1e-3


def fit_rule(outputs: Mapping[str, Sequence[Logits]], hand: str) -> HandRule:
    """Logistic regression on the means of outputs, one kind of lines against all others.

    Args:
        outputs: (T, C) of the network for all lines, line by line, by the name of their set.
        hand: the set of hand print.
    """
    seen = np.array([outputs_mean(line) for lines in outputs.values() for line in lines], "f8")
    is_hand = np.concatenate([np.full(len(v), k == hand, "f8") for k, v in outputs.items()])
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + _LEAST_SPREAD
    scaled = (seen - middle) / spread
    weights, bias = np.zeros(seen.shape[1]), 0.0
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(-(scaled @ weights + bias))) - is_hand
        weights -= _RATE * (5 * (scaled.T @ wrong) / len(wrong) + _DECAY * weights)
        bias -= 5 * _RATE * float(wrong.mean())
    plain: Floats = weights / spread
    return HandRule(weights=plain.astype(np.float32), bias=bias - float(plain @ middle))


def taken(rule: HandRule, outputs: Mapping[str, Sequence[Logits]]) -> dict[str, Any]:
    """Name of each set -> the share of its lines that are taken for hand print, and their count."""
    return {
        name: [round(float(rule.is_hand(lines).mean()), 5), len(lines)]
        for name, lines in outputs.items()
    }
