"""How well a classifier tells what is no single character."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.runtime.protocol import GlyphClassifier
from training.characters.charset import CharacterSet

#: Share of characters that a threshold may reject.
CHARACTERS_LOST: Final = 0.01

Shares = npt.NDArray[np.float32]  # (N,) probability of the reject class


def rejected(classifier: GlyphClassifier, characters: CharacterSet) -> Shares:
    """(N,) probability of each picture to be no single character.

    Raises:
        ValueError: the model has no reject class.
    """
    if classifier.reject_index is None:
        raise ValueError("this model has no reject class")
    shares: Shares = classifier.classify(characters.images)[:, classifier.reject_index]
    return shares


def fit_threshold(handprint: Shares, printed: Shares) -> float:
    """The reject probability that one in a hundred characters exceeds; both kinds count alike.

    >>> fit_threshold(np.linspace(0, 1, 101, dtype=np.float32), np.zeros(101, np.float32))
    0.98
    """
    values = np.concatenate([handprint, printed])
    counts = np.array([len(handprint), len(printed)])
    kinds = np.count_nonzero(counts)  # a class set may have nothing of one kind
    weights = np.repeat(1 / np.maximum(kinds * counts, 1), counts)
    order = np.argsort(-values, kind="stable")
    beyond = np.cumsum(weights[order])
    last = int(np.searchsorted(beyond, CHARACTERS_LOST, side="right"))
    return round(float(values[order][min(last, len(order) - 1)]), 4)


def score_rejection(
    threshold: float, handprint: Shares, printed: Shares, negatives: Mapping[str, Shares]
) -> dict[str, Any]:
    """Shares rejected at a threshold that was fitted on other pictures.

    Args:
        threshold: of the reject probability.
        handprint: of characters that were held out.
        printed: likewise.
        negatives: of each kind of negatives.

    Returns:
        What a card keeps: characters lost, negatives accepted, in all and by kind. Characters
        by hand and in print count alike; so does each negative.
    """
    every = np.concatenate(list(negatives.values()))
    lost = [float((shares > threshold).mean()) for shares in (handprint, printed)]
    return {
        "threshold": threshold,
        "characters_rejected": round(float(np.mean(lost)), 4),
        "handprint_rejected": round(lost[0], 4),
        "print_rejected": round(lost[1], 4),
        "negatives_accepted": round(float((every <= threshold).mean()), 4),
        "accepted_by_kind": {
            kind: round(float((shares <= threshold).mean()), 4)
            for kind, shares in negatives.items()
        },
    }
