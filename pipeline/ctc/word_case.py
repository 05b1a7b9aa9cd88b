"""Capital or small letter, where its shape doesn't tell: as the rest of its word has it.

`C` and `c`, `O` and `o` differ in size alone, and the language model knows no case. Yet hardly a
word has capitals amid small letters: three in ten thousand of the training labels. Words with a
letter in doubt are held against the four ways to write them; letters that the network is sure of
stay as they are, in `McCrea` and `kWh` too (docs/decisions/0038).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices, PagePath
from pipeline.vocabulary import CHARACTERS, INDEX, decode

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

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
    words = _Words.of(path, against > _DOUBTFUL)
    if not len(words.chars):
        return path, doubt, []
    labels, gained = path.labels.copy(), np.zeros(len(path.labels))
    weighed = np.where(against > 0, against, _UNWEIGHED * doubt.odds)[words.chars]
    is_capital = words.likeliest(_IS_CAPITAL[labels[words.chars]], weighed)
    turned = words.chars[is_capital != _IS_CAPITAL[labels[words.chars]]]
    labels[turned] = _OTHER_CASE[labels[turned]]
    gained[words.chars] = words.gained(is_capital)
    doubt = _weighed(labels, _turned(path.labels, turned, doubt), gained)
    seen = decode(path.labels[turned].tolist())
    return replace(path, labels=labels), doubt, list(zip(turned.tolist(), seen, strict=True))


def _of_other_case(labels: Indices, doubt: PageDoubt) -> Floats:
    """(N,) odds of each letter's other case, 0 where it was not weighed or there is none."""
    return np.asarray(np.where(_is_other(labels, doubt), doubt.other_odds, 0.0).sum(axis=1))


def _is_other(labels: Indices, doubt: PageDoubt) -> Flags:
    """(N, A) which alternatives are a letter's other case."""
    other = _OTHER_CASE[labels][:, None]
    return np.asarray((doubt.others == other) & (other > 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Words:
    """Words with a letter of doubtful case; only letters that have two cases count."""

    chars: Indices  # (M,) numbers of their letters, ascending
    word: Indices  # (M,) each one's word
    firsts: Indices  # (W,) place of each word's first letter in `chars`
    expected: Floats  # (W, 4) what speaks for each way to write it, as a logarithm

    @classmethod
    def of(cls, path: PagePath, doubtful: Flags) -> Self:
        has_case, is_letter = _OTHER_CASE[path.labels] > 0, _IS_LETTER[path.labels]
        goes_on = np.concatenate(([False], is_letter[:-1]))[: len(is_letter)]
        goes_on[path.chars[path.chars < len(is_letter)]] = False
        number = np.cumsum(is_letter & ~goes_on)
        chars = np.flatnonzero(has_case)
        chars = chars[np.isin(number[chars], number[doubtful])]
        _, firsts, word = np.unique(number[chars], return_index=True, return_inverse=True)
        # What stands beside a word in its line tells how words are written there.
        line = path.line_of_chars()
        is_capital = _IS_CAPITAL[path.labels]
        own = line[chars[firsts]]
        letters = np.bincount(line[has_case], minlength=len(path))[own] - np.bincount(word)
        capitals = np.bincount(line[is_capital], minlength=len(path))[own]
        capitals -= np.bincount(word, weights=is_capital[chars]).astype(np.int64)
        share = capitals / np.maximum(letters, 1)
        kind = np.digitize(share, (_FEW_CAPITALS, _MOSTLY_CAPITALS))
        expected = _EXPECTED[np.where(letters > 0, kind, len(_USUAL) - 1)]
        return cls(chars=chars, word=word, firsts=firsts, expected=expected)

    def likeliest(self, is_capital: Flags, odds: Floats) -> Flags:
        """(M,) which letters are capitals in the likeliest way to write their words.

        Args:
            is_capital: (M,) as they are read.
            odds: (M,) of each one's other case.
        """
        cost = np.log(np.maximum(odds, _LEAST_ODDS))
        is_first = np.zeros(len(cost), np.bool_)
        is_first[self.firsts] = True
        ways = np.stack([np.zeros_like(is_first), is_first, np.ones_like(is_first), is_capital])
        turned = np.where(ways != is_capital, cost, 0.0)
        scores = np.add.reduceat(turned, self.firsts, axis=1)
        for way, score in zip(ways, scores, strict=True):
            score += self._speaking_for(self._counted(way))
        best = scores.argmax(axis=0)[self.word]
        return np.asarray(ways[best, np.arange(len(best))])

    def gained(self, is_capital: Flags) -> Floats:
        """(M,) what speaks for each letter's other case if the others stay, as a logarithm."""
        count, capitals, begins = self._counted(is_capital)
        now = self._speaking_for((count, capitals, begins))
        is_first = np.zeros(len(is_capital), np.bool_)
        is_first[self.firsts] = True
        turned = (
            count[self.word],
            capitals[self.word] + np.where(is_capital, -1, 1),
            begins[self.word] ^ is_first,
        )
        return np.asarray(self.expected[self.word, _way(*turned)] - now[self.word])

    def _counted(self, is_capital: Flags) -> tuple[Indices, Indices, Flags]:
        """(W,) letters of each word, capitals among them, and whether it begins with one."""
        capitals = np.add.reduceat(is_capital, self.firsts, dtype=np.int64)
        return np.bincount(self.word), capitals, is_capital[self.firsts]

    def _speaking_for(self, counted: tuple[Indices, Indices, Flags]) -> Floats:
        """(W,) what speaks for words that are written so."""
        return np.asarray(self.expected[np.arange(len(self.firsts)), _way(*counted)])


def _way(count: Indices, capitals: Indices, begins: Flags) -> Indices:
    """How words are written, by their letters, capitals among them, and whether they begin so."""
    is_whole = (capitals == count) & (count > 1)
    ways = np.where(begins & (capitals == 1), _TITLE, np.where(is_whole, _CAPITALS, _MIXED))
    return np.asarray(np.where(capitals == 0, _SMALL, ways))


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
_IS_LETTER: Final = np.array([False, *(char.isalpha() for char in CHARACTERS)])
_IS_CAPITAL: Final = (_OTHER_CASE > 0) & [False, *(char.isupper() for char in CHARACTERS)]
