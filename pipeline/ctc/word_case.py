"""Capital or small letter, where its shape doesn't tell: as the rest of its word has it.

`C` and `c`, `O` and `o` differ in size alone, and the language model knows no case. Yet hardly a
word has capitals amid small letters: three in ten thousand of the training labels. Words with a
letter in doubt are held against the four ways to write them; letters that the network is sure of
stay as they are, in `McCrea` and `kWh` too (docs/decisions/0038).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.ctc.cased_words import IS_CAPITAL, OTHER_CASE, CasedWords
from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices, PagePath
from pipeline.ctc.turned import turned_doubt, unlisted_odds
from pipeline.vocabulary import decode

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Odds of its other case from which a letter's word is looked at.
_DOUBTFUL: Final = 0.003


def settle_case(
    path: PagePath, doubt: PageDoubt
) -> tuple[PagePath, PageDoubt, list[tuple[int, str]]]:
    """The lines with letters of doubtful case as their words have it.

    Args:
        path: as read.
        doubt: of `path`, with some alternatives.

    Returns:
        The path; its doubt, the other case of each letter weighed by the rest of its word;
        numbers of the characters that were changed, with what stood there.
    """
    against = _of_other_case(path.labels, doubt)
    words = CasedWords.of(path, against > _DOUBTFUL)
    if not len(words.chars):
        return path, doubt, []
    labels, gained = path.labels.copy(), np.zeros(len(path.labels))
    weighed = np.where(against > 0, against, unlisted_odds(doubt))[words.chars]
    is_capital = words.likeliest(IS_CAPITAL[labels[words.chars]], weighed)
    turned = words.chars[is_capital != IS_CAPITAL[labels[words.chars]]]
    labels[turned] = OTHER_CASE[labels[turned]]
    gained[words.chars] = words.gained(is_capital)
    doubt = turned_doubt(path.labels, turned, labels[turned], doubt)
    doubt = _weighed(labels, doubt, gained)
    seen = decode(path.labels[turned].tolist())
    return replace(path, labels=labels), doubt, list(zip(turned.tolist(), seen, strict=True))


def _of_other_case(labels: Indices, doubt: PageDoubt) -> Floats:
    """(N,) odds of each letter's other case, 0 where it was not weighed or there is none."""
    return np.asarray(np.where(_is_other(labels, doubt), doubt.other_odds, 0.0).sum(axis=1))


def _is_other(labels: Indices, doubt: PageDoubt) -> Flags:
    """(N, A) which alternatives are a letter's other case."""
    other = OTHER_CASE[labels][:, None]
    return np.asarray((doubt.others == other) & (other > 0))


def _weighed(labels: Indices, doubt: PageDoubt, gained: Floats) -> PageDoubt:
    """The doubt with the odds of letters' other cases multiplied, alternatives in order again."""
    is_other = _is_other(labels, doubt)
    places = np.flatnonzero(is_other.any(axis=1) & (gained != 0))
    odds, others, other_odds = doubt.odds.copy(), doubt.others.copy(), doubt.other_odds.copy()
    factors = np.where(is_other[places], np.exp(gained[places])[:, None], 1.0)
    weighed = other_odds[places] * factors
    more = (weighed - other_odds[places]).sum(axis=1)
    odds[places] = np.maximum(odds[places] + more, 0.0)
    order = np.argsort(-weighed, axis=1, kind="stable")
    others[places] = np.take_along_axis(others[places], order, axis=1)
    other_odds[places] = np.take_along_axis(weighed, order, axis=1)
    return replace(doubt, odds=odds, others=others, other_odds=other_odds)
