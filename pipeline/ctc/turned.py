"""The doubt of characters that are read as another class than the path has, alike in shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices

_LEAST_ODDS: Final = 1e-9


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
    for k, new in zip(places.tolist(), into.tolist(), strict=True):
        is_new = others[k] == new
        place = int(np.argmax(is_new)) if is_new.any() else -1
        mine = max(float(other_odds[k, place]), _LEAST_ODDS)
        odds[k] = max(1.0 + odds[k] - mine, 0.0) / mine
        removed[k] /= mine
        other_odds[k] /= mine
        others[k, place], other_odds[k, place] = labels[k], 1.0 / mine
    return replace(doubt, odds=odds, removed=removed, others=others, other_odds=other_odds)
