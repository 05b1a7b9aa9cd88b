"""Dashes side by side are of one kind: what is read as `-–` are the two hyphens of a typewriter.

Hyphen and dash differ in length alone, and where two touch neither end shows. No printer sets
different ones side by side.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices, PagePath
from pipeline.vocabulary import CHARACTERS, INDEX, decode

_IS_DASH: Final = np.array([False, *(char in "-–—" for char in CHARACTERS)])
#: Odds that a dash stays with that was made a hyphen: its length was read otherwise.
_STILL: Final = 0.1


def settle_dashes(
    path: PagePath, doubt: PageDoubt
) -> tuple[PagePath, PageDoubt, list[tuple[int, str]]]:
    """The lines with hyphens where different dashes stood side by side.

    Args:
        path: as read.
        doubt: of `path`.

    Returns:
        The path; its doubt; numbers of the characters that were changed, with what stood there.
    """
    dashes = np.flatnonzero(_IS_DASH[path.labels])
    line = path.line_of_chars()[dashes]
    begins = np.concatenate(([True], (np.diff(dashes) > 1) | (np.diff(line) > 0)))[: len(dashes)]
    firsts = np.flatnonzero(begins)
    if not len(firsts):
        return path, doubt, []
    kinds = path.labels[dashes]
    is_mixed = np.minimum.reduceat(kinds, firsts) != np.maximum.reduceat(kinds, firsts)
    hyphen = INDEX["-"]
    places = dashes[is_mixed[np.cumsum(begins) - 1] & (kinds != hyphen)]
    labels = path.labels.copy()
    labels[places] = hyphen
    doubt = _doubted(path.labels, places, doubt)
    seen = decode(path.labels[places].tolist())
    return replace(path, labels=labels), doubt, list(zip(places.tolist(), seen, strict=True))


def _doubted(labels: Indices, places: Indices, doubt: PageDoubt) -> PageDoubt:
    """The doubt where dashes became hyphens: other dashes count together, as `_STILL`."""
    if not len(places) or not doubt.others.shape[1]:
        return doubt
    odds, others, other_odds = doubt.odds.copy(), doubt.others.copy(), doubt.other_odds.copy()
    for k in places.tolist():
        is_dash = _IS_DASH[others[k]]
        rest = max(float(odds[k] - other_odds[k][is_dash].sum()), 0.0)
        others[k][is_dash], other_odds[k][is_dash] = 0, 0.0
        at = int(np.argmin(other_odds[k]))
        others[k, at], other_odds[k, at] = labels[k], _STILL
        order = np.argsort(-other_odds[k], kind="stable")
        others[k], other_odds[k] = others[k][order], other_odds[k][order]
        odds[k] = rest + _STILL
    return replace(doubt, odds=odds, others=others, other_odds=other_odds)
