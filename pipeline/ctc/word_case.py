"""Capital or small letter, where its shape doesn't tell: as the rest of its word has it.

`C` and `c`, `O` and `o` differ in size alone, and the language model knows no case. Yet hardly a
word has capitals amid small letters: three in ten thousand of the training labels. Words with a
letter in doubt are held against the four ways to write them; letters that the network is sure of
stay as they are, in `McCrea` and `kWh` too (docs/decisions/0038).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices, PagePath
from pipeline.vocabulary import CHARACTERS, INDEX, decode

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_WORD: Final = re.compile(r"[^\W\d_]+")
#: Odds of its other case from which a letter's word is looked at.
_DOUBTFUL: Final = 0.003
#: Ways to write a word: small letters, a capital first, capitals, and any other.
_SMALL, _TITLE, _CAPITALS, _MIXED = range(4)
#: How often each is met by the other letters of the line: small ones, some of both, capitals,
#: none. Whether a word begins with a capital is left to the network: languages differ in that.
_USUAL: Final = (
    (0.49, 0.49, 0.02, 0.001),
    (0.40, 0.40, 0.20, 0.001),
    (0.05, 0.05, 0.90, 0.001),
    (0.40, 0.40, 0.20, 0.001),
)
#: Share of the logarithm of these that counts: the letters of a word are doubted together, and not
#: each for itself. Of 1/4, 1/2, 3/4 and 1 this had the least log loss on the folds.
_SHARE: Final = 0.5
_EXPECTED: Final = _SHARE * np.log(_USUAL)
_FEW_CAPITALS: Final = 0.3  # at most, of a line of small letters
_MOSTLY_CAPITALS: Final = 0.8
#: Odds of a case that was not weighed, against those of all others together.
_UNWEIGHED: Final = 0.01
_LEAST_ODDS: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Word:
    chars: Indices  # numbers of its letters that have two cases
    expected: Floats  # (4,) what speaks for each way to write it, as a logarithm


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
    labels, gained = path.labels.copy(), np.zeros(len(path.labels))
    for word in _doubtful_words(path, against):
        chars = word.chars
        turned = _to_turn(labels[chars], against[chars], doubt.odds[chars], word.expected)
        labels[chars] = np.where(turned, _OTHER_CASE[labels[chars]], labels[chars])
        gained[chars] = _gained(labels[chars], word.expected)
    changed = np.flatnonzero(labels != path.labels)
    doubt = _weighed(labels, _turned(path.labels, changed, doubt), gained)
    seen = decode(path.labels[changed].tolist())
    return replace(path, labels=labels), doubt, list(zip(changed.tolist(), seen, strict=True))


def _of_other_case(labels: Indices, doubt: PageDoubt) -> Floats:
    """(N,) odds of each letter's other case, 0 where it was not weighed or there is none."""
    return np.asarray(np.where(_is_other(labels, doubt), doubt.other_odds, 0.0).sum(axis=1))


def _is_other(labels: Indices, doubt: PageDoubt) -> Flags:
    """(N, A) which alternatives are a letter's other case."""
    other = _OTHER_CASE[labels][:, None]
    return np.asarray((doubt.others == other) & (other > 0))


def _doubtful_words(path: PagePath, against: Floats) -> Iterator[_Word]:
    text = decode(path.labels.tolist())
    has_case, is_capital = _OTHER_CASE[path.labels] > 0, _IS_CAPITAL[path.labels]
    doubtful = against > _DOUBTFUL
    lines = np.searchsorted(path.chars, np.flatnonzero(doubtful), "right") - 1
    for k in np.unique(lines).tolist():
        first, last = int(path.chars[k]), int(path.chars[k + 1])
        for match in _WORD.finditer(text, first, last):
            here = np.arange(*match.span())
            if not doubtful[here].any():
                continue
            around = has_case[first:last].copy()
            around[here - first] = False
            kind = _kind_of_line(is_capital[first:last][around])
            yield _Word(here[has_case[here]], _EXPECTED[kind])


def _kind_of_line(is_capital: Flags) -> int:
    """Row of `_USUAL` by the other letters of the line."""
    if not len(is_capital):
        return 3
    share = is_capital.mean()
    return 2 if share >= _MOSTLY_CAPITALS else int(share > _FEW_CAPITALS)


def _to_turn(labels: Indices, against: Floats, odds: Floats, expected: Floats) -> Flags:
    """(n,) which letters of a word are to have their other case: the likeliest way to write it."""
    is_capital = _IS_CAPITAL[labels]
    ways = np.zeros((4, len(labels)), np.bool_)
    ways[_TITLE, 0] = ways[_CAPITALS] = True
    ways[_MIXED] = is_capital  # as it is read
    weighed = np.where(against > 0, against, _UNWEIGHED * odds)
    turned = ways != is_capital
    scores = (turned * np.log(np.maximum(weighed, _LEAST_ODDS))).sum(axis=1)
    scores += expected[[_way(way) for way in ways]]
    return np.asarray(turned[np.argmax(scores)])


def _gained(labels: Indices, expected: Floats) -> Floats:
    """(n,) what speaks for each letter's other case if the others stay, as a logarithm."""
    is_capital = _IS_CAPITAL[labels]
    others = is_capital ^ np.eye(len(labels), dtype=np.bool_)
    return np.asarray(expected[[_way(way) for way in others]] - expected[_way(is_capital)])


def _way(is_capital: Flags) -> int:
    """How a word is written whose letters have these cases."""
    if not is_capital.any():
        return _SMALL
    if len(is_capital) > 1 and is_capital.all():
        return _CAPITALS
    return _TITLE if is_capital[0] and not is_capital[1:].any() else _MIXED


def _turned(labels: Indices, changed: Indices, doubt: PageDoubt) -> PageDoubt:
    """The doubt of letters in their other case, by the doubt of what was read there.

    Args:
        labels: (N,) classes that `doubt` is of.
        changed: numbers of those that change.
        doubt: of what was read.
    """
    if not len(changed):
        return doubt
    odds, removed = doubt.odds.copy(), doubt.removed.copy()
    others, other_odds = doubt.others.copy(), doubt.other_odds.copy()
    is_other = _is_other(labels, doubt)
    for k in changed.tolist():
        place = int(np.argmax(is_other[k])) if is_other[k].any() else -1
        mine = max(float(other_odds[k, place]), _LEAST_ODDS)
        odds[k] = max(1.0 + odds[k] - mine, 0.0) / mine
        removed[k] /= mine
        other_odds[k] /= mine
        others[k, place], other_odds[k, place] = labels[k], 1.0 / mine
    return replace(doubt, odds=odds, removed=removed, others=others, other_odds=other_odds)


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


def _other_cases() -> Indices:
    """(1 + vocabulary,) the class of each letter in its other case, 0 where there is none."""
    table = np.zeros(len(CHARACTERS) + 1, np.int64)
    for char in CHARACTERS:
        other = char.swapcase()
        if other != char and other in INDEX and other.swapcase() == char:
            table[INDEX[char]] = INDEX[other]
    return table


_OTHER_CASE: Final = _other_cases()
_IS_CAPITAL: Final = np.array([False, *(char.isupper() for char in CHARACTERS)])
