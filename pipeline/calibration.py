"""From what a network's sums say to how often that is true: probabilities calibrated on a fold.

The form is beta calibration (Kull, Silva Filho, Flach 2017) with the rest of the line beside it:
logit p' = a ln p - b ln (1 - p) + c + d ln r, r the mean doubt of the line's other characters.
Where the network is lost in a line it is too sure of every character. With d = 0 and a = b it is
Platt's, with c = 0 besides a temperature; each kind of character may have its own weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Weights = tuple[float, float, float, float]  # a, b, c, d

#: Kinds of characters, in the order of `kinds_of`.
KINDS: Final = ("digit", "letter", "space", "punctuation")
_IDENTITY: Final[Weights] = (1.0, 1.0, 0.0, 0.0)
#: So much doubt and so many characters are added to the rest of a line: short lines tell little.
_LINE_DOUBT: Final = 0.02
_LINE_CHARACTERS: Final = 1.0
#: What a network claims beyond this is taken for this.
_SUREST: Final = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Weights of one form for each kind of character and for what is missing in a line."""

    kinds: tuple[Weights, Weights, Weights, Weights] = (_IDENTITY,) * 4
    missing: Weights = _IDENTITY

    @classmethod
    def from_card(cls, card: Mapping[str, Any], key: str = "confidence") -> Calibration:
        """The calibration of a model's card; a card without one leaves the odds as they are."""
        stored = card.get(key)
        if stored is None:
            return cls()
        digit, letter, space, punctuation = (_weights(stored[kind]) for kind in KINDS)
        return cls(kinds=(digit, letter, space, punctuation), missing=_weights(stored["missing"]))

    def characters(self, odds: Floats, kinds: Indices, line: Indices) -> Floats:
        """(N,) probability that each character is right.

        Args:
            odds: against each, of pipeline.ctc.doubt.
            kinds: index into KINDS of each.
            line: number of each one's line.
        """
        probability = 1 / (1 + odds)
        found = features(probability, rest_of_line(probability, line))
        return sigmoid((found * np.array(self.kinds)[kinds]).sum(axis=1))

    def missing_risks(self, raw: Floats) -> Floats:
        """(L,) probability that at least one character of a line is missing.

        Args:
            raw: (L,) risks of `raw_missing_risk`.
        """
        return sigmoid(features(raw, np.ones(len(raw))) @ np.array(self.missing))


def raw_missing_risk(lines: Sequence[Floats]) -> Floats:
    """(L,) the risk that any gap of each line hides a character, before calibration.

    >>> raw_missing_risk([np.array([1.0, 1.0]), np.array([0.0])]).tolist()
    [0.75, 0.0]
    """
    return np.array([-np.expm1(-np.log1p(gap_odds).sum()) for gap_odds in lines])


def rest_of_line(probability: Floats, line: Indices) -> Floats:
    """(N,) mean doubt of the other characters of each one's line, drawn to a small value.

    >>> rest_of_line(np.array([0.5, 1.0, 1.0]), np.array([0, 0, 1])).round(3).tolist()
    [0.01, 0.26, 0.02]
    """
    doubt = 1 - probability
    counts, sums = np.bincount(line), np.bincount(line, weights=doubt)
    return (sums[line] - doubt + _LINE_DOUBT) / (counts[line] - 1 + _LINE_CHARACTERS)


def features(probability: Floats, rest: Floats) -> Floats:
    """(N, 4) what the weights a, b, c, d are applied to."""
    inside = np.clip(probability, _SUREST, 1 - _SUREST)
    ones = np.ones_like(inside)
    return np.stack([np.log(inside), -np.log1p(-inside), ones, np.log(rest)], axis=1)


def sigmoid(logits: Floats) -> Floats:
    """The probability of a logit.

    >>> sigmoid(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -40, 40))), np.float64)


def kinds_of(characters: str) -> Indices:
    """(N,) index into KINDS of each character.

    >>> [KINDS[k] for k in kinds_of("7é -")]
    ['digit', 'letter', 'space', 'punctuation']
    """
    return np.array([_kind(char) for char in characters], np.int64)


def _kind(char: str) -> int:
    if char.isdigit():
        return 0
    if char.isalpha():
        return 1
    return 2 if char.isspace() else 3


def _weights(values: Sequence[float]) -> Weights:
    a, b, c, d = (float(value) for value in values)
    return a, b, c, d
