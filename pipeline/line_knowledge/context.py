"""What neighbours say about a character: digits stand in numbers, small letters in words.

A Markov chain over four kinds of characters; its posteriors are exact sums (forward-backward), so
a character's probability is the one given the whole line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LOWER, _UPPER, _DIGIT, _OTHER = range(4)
# Rows: kind before, columns: kind after (small letter, capital, digit, other), for neighbours in
# a word and for neighbours over a space. Rough counts of English prose and receipts.
_INSIDE: Final = np.array(
    [
        [0.930, 0.004, 0.004, 0.062],
        [0.450, 0.450, 0.020, 0.080],
        [0.008, 0.012, 0.770, 0.210],
        [0.250, 0.250, 0.300, 0.200],
    ]
)
_OVER_SPACE: Final = np.array(
    [
        [0.76, 0.13, 0.06, 0.05],
        [0.30, 0.50, 0.10, 0.10],
        [0.40, 0.22, 0.26, 0.12],
        [0.45, 0.28, 0.17, 0.10],
    ]
)
_START: Final = np.array([0.35, 0.40, 0.15, 0.10])

#: Letters and signs per thousand of their kind in English prose.
_FREQUENT: Final = {
    **dict(zip("etaoinshrdlcumwfgypbvkjxqz", (
        127, 91, 82, 75, 70, 67, 63, 61, 60, 43, 40, 28, 28, 24, 24, 22, 20, 20, 19, 15, 10, 8, 2,
        2, 1, 1), strict=True)),
    **dict(zip(".,-'\":;()!?", (330, 360, 90, 50, 50, 20, 20, 15, 15, 10, 10), strict=True)),
    **dict(zip("/&%$#@*+=_", (60, 10, 10, 10, 5, 5, 10, 5, 5, 5), strict=True)),
}  # fmt: skip
_RARE: Final = 0.5  # per thousand: | ~ ^ ` and the like
_TRUST: Final = 0.5  # how much of the frequencies counts: names and numbers don't follow prose


def kinds_of(classes: str) -> npt.NDArray[np.intp]:
    """(C,) kind of every class.

    >>> kinds_of("aZ7-").tolist()
    [0, 1, 2, 3]
    """
    kinds = [
        _LOWER if c.islower() else _UPPER if c.isupper() else _DIGIT if c.isdigit() else _OTHER
        for c in classes
    ]
    return np.array(kinds, np.intp)


def log_frequencies(classes: str) -> Floats:
    """(C,) log share of every class within its kind, tempered."""
    kinds = kinds_of(classes)
    share = np.array(
        [
            _FREQUENT.get(c.lower() if k == _UPPER else c, 100 if k == _DIGIT else _RARE)
            for c, k in zip(classes, kinds, strict=True)
        ]
    )
    # Initials are spread more evenly than letters in words.
    share = np.where(kinds == _UPPER, share + 20.0, share)
    total = np.array([share[kinds == k].sum() for k in range(4)])
    result: Floats = _TRUST * np.log(share / total[kinds])
    return result


def settle(
    scores: Sequence[Floats], space: Sequence[Floats], kinds: npt.NDArray[np.intp]
) -> list[Floats]:
    """Probabilities of all characters of some lines, each given its whole line.

    Args:
        scores: for each line (T, C) log likelihoods, T >= 1.
        space: for each line (T - 1,) probability of a space behind each character but the last.
        kinds: (C,) kind of each class.

    Returns:
        For each line (T, C) probabilities, rows sum to 1.
    """
    if not scores:
        return []
    longest = max(len(s) for s in scores)
    count = len(scores)
    # (L, T, 4) likelihood of each kind; padding says nothing (all ones).
    heard = np.ones((count, longest, 4))
    within: list[Floats] = []
    for line, score in enumerate(scores):
        likely = np.exp(score - score.max(axis=1, keepdims=True))
        by_kind = np.stack([likely[:, kinds == k].sum(axis=1) for k in range(4)], axis=1)
        heard[line, : len(score)] = by_kind
        within.append(likely / np.maximum(by_kind[:, kinds], 1e-300))
    steps = np.zeros((count, max(longest - 1, 0)))
    for line, values in enumerate(space):
        steps[line, : len(values)] = values
    posterior = _forward_backward(heard, steps)
    return [
        within[line] * posterior[line, : len(score)][:, kinds] for line, score in enumerate(scores)
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhood:
    """What the kinds say to a text that differs in one character, against the text as it is."""

    replaced: Floats  # (N, 4) a character by one of each kind; its own kind has 1
    removed: Floats  # (N,) without it
    inserted: Floats  # (N + 1, 4) one more of each kind in each gap


def neighbourhood(kinds: npt.NDArray[np.intp], space: Floats) -> Neighbourhood:
    """Factors of the Markov chain for a text with known characters.

    Args:
        kinds: (N,) of the text.
        space: (N - 1,) probability of a space behind each character but the last.

    >>> around = neighbourhood(kinds_of("1O9"), np.array([0.0, 0.0]))
    >>> int(around.replaced[1].argmax()) == kinds_of("0").item()
    True
    """
    count = len(kinds)
    if count == 0:
        return Neighbourhood(
            replaced=np.zeros((0, 4)), removed=np.zeros(0), inserted=np.zeros((1, 4))
        )
    steps = _changes(space)
    into = np.vstack([_START, steps[np.arange(count - 1), kinds[:-1]]])  # (N, 4) from the left
    out = np.vstack([steps[np.arange(count - 1), :, kinds[1:]], np.ones(4)])  # to the right
    both = into * out
    own = both[np.arange(count), kinds]
    # Over the place of one that is left out there is a space if there was one at either side.
    wide = _changes(1 - (1 - space[:-1]) * (1 - space[1:])) if count > 2 else np.zeros((0, 4, 4))
    bridged = np.ones(count)
    bridged[1:-1] = wide[np.arange(max(count - 2, 0)), kinds[:-2], kinds[2:]]
    if count > 1:
        bridged[0], bridged[-1] = _START[kinds[1]], 1.0
    inserted = np.ones((count + 1, 4))
    inserted[0] = _START * _INSIDE[:, kinds[0]] / _START[kinds[0]]
    direct = into[np.arange(1, count), kinds[1:]]
    inserted[1:-1] = into[1:] * _INSIDE[:, kinds[1:]].T / direct[:, None]
    inserted[-1] = _INSIDE[kinds[-1]]
    return Neighbourhood(replaced=both / own[:, None], removed=bridged / own, inserted=inserted)


def _changes(space: Floats) -> Floats:
    """(..., 4, 4) probability of the next kind, given that of the one before."""
    result: Floats = (1 - space[..., None, None]) * _INSIDE + space[..., None, None] * _OVER_SPACE
    return result


def _forward_backward(heard: Floats, space: Floats) -> Floats:
    """(L, T, 4) posteriors of the kinds; all lines move in step."""
    change = _changes(space)
    forward = np.empty_like(heard)
    backward = np.ones_like(heard)
    forward[:, 0] = _START * heard[:, 0]
    for t in range(heard.shape[1]):
        if t:
            forward[:, t] = np.einsum("li,lij->lj", forward[:, t - 1], change[:, t - 1])
            forward[:, t] *= heard[:, t]
        forward[:, t] /= forward[:, t].sum(axis=1, keepdims=True)
    for t in range(heard.shape[1] - 2, -1, -1):
        behind = heard[:, t + 1] * backward[:, t + 1]
        backward[:, t] = np.einsum("lij,lj->li", change[:, t], behind)
        backward[:, t] /= backward[:, t].sum(axis=1, keepdims=True)
    both = forward * backward
    result: Floats = both / both.sum(axis=2, keepdims=True)
    return result
