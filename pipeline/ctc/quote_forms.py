"""Straight and curly quotes as one mark: which form is meant is no doubt about what stands there.

Between `”` and `"` typefaces decide, and truths spell both alike. On pages of old books every third
doubtful character was a quote of which the form alone was in doubt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices
from pipeline.vocabulary import INDEX

#: Which side a curly quote opens to is no matter of form: only the straight one stands for both.
_PAIRS: Final = (("'", "‘"), ("'", "’"), ('"', "“"), ('"', "”"))
#: A mark that is sure but for its form keeps odds as of the surest characters.
_LEAST_ODDS: Final = 1e-7


def forms_as_one(labels: Indices, doubt: PageDoubt) -> PageDoubt:
    """The doubt of characters where another form of the same quote does not speak against it.

    Args:
        labels: (N,) class of each character.
        doubt: of these characters; only alternatives that it names can be told as forms.

    Returns:
        The same with other odds of quotes, and alternatives without their other forms.
    """
    quotes = np.flatnonzero(np.isin(labels, _QUOTES))
    is_form = _IS_FORM[labels[quotes, None], doubt.others[quotes]]
    rows = is_form.any(axis=1)
    quotes, is_form = quotes[rows], is_form[rows]
    if not len(quotes):
        return doubt
    forms = np.where(is_form, doubt.other_odds[quotes], 0.0).sum(axis=1)
    odds, others, other_odds = doubt.odds.copy(), doubt.others.copy(), doubt.other_odds.copy()
    odds[quotes] = np.maximum(odds[quotes] - forms, _LEAST_ODDS) / (1 + forms)
    others[quotes] = np.where(is_form, 0, others[quotes])
    other_odds[quotes] = np.where(is_form, 0.0, other_odds[quotes] / (1 + forms)[:, None])
    return replace(doubt, odds=odds, others=others, other_odds=other_odds)


def _table() -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(1 + vocabulary, 1 + vocabulary) whether two classes are forms of one mark."""
    table = np.zeros((len(INDEX) + 1, len(INDEX) + 1), np.bool_)
    for straight, curly in _PAIRS:
        table[INDEX[straight], INDEX[curly]] = table[INDEX[curly], INDEX[straight]] = True
    return table


_IS_FORM: Final = _table()
_QUOTES: Final = np.flatnonzero(_IS_FORM.any(axis=1))
