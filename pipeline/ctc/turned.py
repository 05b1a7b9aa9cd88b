"""The doubt of characters that are read as another class than the path has, alike in shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices

Floats = npt.NDArray[np.float64]

_LEAST_ODDS: Final = 1e-9
#: Odds of a class that was not weighed, against those of all others together.
_UNWEIGHED: Final = 0.01


def unlisted_odds(doubt: PageDoubt) -> Floats:
    """(N,) what a class may have at most that is not among a character's alternatives.

    Those are the likeliest: one that is not named has no more than the last that is.
    """
    rest = _UNWEIGHED * doubt.odds
    if not doubt.others.shape[1]:
        return np.asarray(rest, np.float64)
    last = doubt.other_odds.min(axis=1)
    is_full = (doubt.others > 0).all(axis=1)
    return np.asarray(np.where(is_full, np.minimum(rest, last), rest), np.float64)


def turned_doubt(labels: Indices, places: Indices, into: Indices, doubt: PageDoubt) -> PageDoubt:
    """The doubt of what some characters become, by the doubt of what was read there.

    Args:
        labels: (N,) classes that `doubt` is of.
        places: (K,) numbers of those that change.
        into: (K,) classes that they become.
        doubt: of what was read.
    """
    if not len(places):
        return doubt
    odds, removed = doubt.odds.copy(), doubt.removed.copy()
    others, other_odds = doubt.others.copy(), doubt.other_odds.copy()
    unlisted = unlisted_odds(doubt)
    for k, new in zip(places.tolist(), into.tolist(), strict=True):
        is_new = others[k] == new
        listed = float(other_odds[k][is_new].sum())
        mine = max(listed or float(unlisted[k]), _LEAST_ODDS)
        odds[k] = max(1.0 + odds[k] - mine, 0.0) / mine
        removed[k] /= mine
        # What was read takes the place of what it becomes, or of the least likely alternative.
        at = int(np.argmax(is_new)) if is_new.any() else int(np.argmin(other_odds[k]))
        others[k, at], other_odds[k, at] = labels[k], 1.0
        other_odds[k] /= mine
        order = np.argsort(-other_odds[k], kind="stable")
        others[k], other_odds[k] = others[k][order], other_odds[k][order]
    return replace(doubt, odds=odds, removed=removed, others=others, other_odds=other_odds)
