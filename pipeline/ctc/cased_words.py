"""How words are written: small letters, capitals, and what is between; all of a page at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Indices, PagePath
from pipeline.vocabulary import CHARACTERS, INDEX

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Ways to write a word: small letters, a capital first, capitals, any other; and one that goes
#: from small letters to capitals more than once, as hardly any name does.
_SMALL, _TITLE, _CAPITALS, _MIXED, _MOTLEY = range(5)
#: How often each is met by the other letters of the line: small ones, some of both, capitals,
#: none. Whether a word begins with a capital is left to the network: languages differ in that.
_USUAL: Final = (
    (0.49, 0.49, 0.02, 1e-3, 1e-6),
    (0.40, 0.40, 0.20, 1e-3, 1e-6),
    (0.05, 0.05, 0.90, 1e-3, 1e-6),
    (0.40, 0.40, 0.20, 1e-3, 1e-6),
)
#: The first of these for words of two to four letters: `US`, `GDP`, `NATO`. Of such words 0.2 to
#: 0.6 % are capitals in the training data's books and typescripts, 2 to 6 % in today's manuals.
_USUAL_SHORT: Final = (0.45, 0.45, 0.10, 1e-3, 1e-6)
_SHORT_LETTERS: Final = 4
#: Share of the logarithm of these that counts: the letters of a word are doubted together, and not
#: each for itself. Of 1/4, 1/2, 3/4 and 1 this had the least log loss on the folds.
_SHARE: Final = 0.5
_EXPECTED: Final = _SHARE * np.log((*_USUAL, _USUAL_SHORT))
_FEW_CAPITALS: Final = 0.3  # at most, of a line of small letters
_MOSTLY_CAPITALS: Final = 0.8
_LEAST_ODDS: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CasedWords:
    """Words with a letter of doubtful case; only letters that have two cases count."""

    chars: Indices  # (M,) numbers of their letters, ascending
    word: Indices  # (M,) each one's word
    firsts: Indices  # (W,) place of each word's first letter in `chars`
    expected: Floats  # (W, 5) what speaks for each way to write it, as a logarithm

    @classmethod
    def of(cls, path: PagePath, doubtful: Flags) -> Self:
        """The words of a page.

        Args:
            path: as read.
            doubtful: (N,) letters of doubtful case; words without any are left out.
        """
        has_case, is_letter = OTHER_CASE[path.labels] > 0, _IS_LETTER[path.labels]
        goes_on = np.concatenate(([False], is_letter[:-1]))[: len(is_letter)]
        goes_on[path.chars[path.chars < len(is_letter)]] = False
        goes_on &= ~_behind_mc(path.labels, is_letter & ~goes_on)
        number = np.cumsum(is_letter & ~goes_on)
        chars = np.flatnonzero(has_case)
        chars = chars[np.isin(number[chars], number[doubtful])]
        _, firsts, word = np.unique(number[chars], return_index=True, return_inverse=True)
        # What stands beside a word in its line tells how words are written there.
        line = path.line_of_chars()
        is_capital = IS_CAPITAL[path.labels]
        own = line[chars[firsts]]
        letters = np.bincount(line[has_case], minlength=len(path))[own] - np.bincount(word)
        capitals = np.bincount(line[is_capital], minlength=len(path))[own]
        capitals -= np.bincount(word, weights=is_capital[chars]).astype(np.int64)
        share = capitals / np.maximum(letters, 1)
        kind = np.digitize(share, (_FEW_CAPITALS, _MOSTLY_CAPITALS))
        kind = np.where(letters > 0, kind, len(_USUAL) - 1)
        kind[(kind == 0) & (np.bincount(word) <= _SHORT_LETTERS)] = len(_USUAL)
        expected = _EXPECTED[kind]
        return cls(chars=chars, word=word, firsts=firsts, expected=expected)

    def likeliest(self, is_capital: Flags, odds: Floats) -> Flags:
        """(M,) which letters are capitals in the likeliest way to write their words.

        Args:
            is_capital: (M,) as they are read.
            odds: (M,) of each one's other case.
        """
        cost = np.log(np.maximum(odds, _LEAST_ODDS))
        is_first = self._is_first()
        ways = np.stack([np.zeros_like(is_first), is_first, np.ones_like(is_first), is_capital])
        turned = np.where(ways != is_capital, cost, 0.0)
        scores = np.add.reduceat(turned, self.firsts, axis=1)
        for way, score in zip(ways, scores, strict=True):
            score += self.expected[np.arange(len(score)), self._seen(way).ways()]
        best = scores.argmax(axis=0)[self.word]
        return np.asarray(ways[best, np.arange(len(best))])

    def gained(self, is_capital: Flags) -> Floats:
        """(M,) what speaks for each letter's other case if the others stay, as a logarithm."""
        seen = self._seen(is_capital)
        before, behind = self._neighbours(is_capital)
        turned = _Seen(
            letters=seen.letters[self.word],
            capitals=seen.capitals[self.word] + np.where(is_capital, -1, 1),
            begins=seen.begins[self.word] ^ self._is_first(),
            rises=seen.rises[self.word]
            + np.where(is_capital, -1, 1) * ~before
            + np.where(is_capital, 1, -1) * behind,
        )
        now = self.expected[np.arange(len(self.firsts)), seen.ways()]
        return np.asarray(self.expected[self.word, turned.ways()] - now[self.word])

    def _is_first(self) -> Flags:
        """(M,) which letters begin a word."""
        is_first = np.zeros(len(self.chars), np.bool_)
        is_first[self.firsts] = True
        return is_first

    def _neighbours(self, is_capital: Flags) -> tuple[Flags, Flags]:
        """(M,) whether the letter before and behind each is a capital; a word begins after one."""
        is_first = self._is_first()
        before = np.concatenate(([True], is_capital[:-1])) | is_first
        behind = np.concatenate((is_capital[1:] & ~is_first[1:], [False]))
        return before, behind

    def _seen(self, is_capital: Flags) -> _Seen:
        """What tells how each word is written."""
        before, _ = self._neighbours(is_capital)
        return _Seen(
            letters=np.bincount(self.word),
            capitals=np.add.reduceat(is_capital, self.firsts, dtype=np.int64),
            begins=is_capital[self.firsts],
            rises=np.add.reduceat(is_capital & ~before, self.firsts, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What tells how words are written."""

    letters: Indices  # (W,)
    capitals: Indices
    begins: Flags  # with a capital
    rises: Indices  # capitals that stand behind a small letter

    def ways(self) -> Indices:
        """(W,) ways to write them."""
        is_whole = (self.capitals == self.letters) & (self.letters > 1)
        found = np.where(self.rises > 1, _MOTLEY, _MIXED)
        found = np.where(is_whole, _CAPITALS, found)
        found = np.where(self.begins & (self.capitals == 1), _TITLE, found)
        return np.asarray(np.where(self.capitals == 0, _SMALL, found))


def _behind_mc(labels: Indices, begins: Flags) -> Flags:
    """(N,) where a word begins anew: `McCrea` is written like two words, `Mc` and `Crea`.

    Args:
        labels: (N,) classes.
        begins: (N,) letters that begin a word.
    """
    found = np.zeros(len(labels), np.bool_)
    found[2:] = begins[:-2] & _IS_M[labels[:-2]] & _IS_C[labels[1:-1]] & ~begins[1:-1]
    return found


def _other_cases() -> Indices:
    """(1 + vocabulary,) the class of each letter in its other case, 0 where there is none."""
    table = np.zeros(len(CHARACTERS) + 1, np.int64)
    for char in CHARACTERS:
        other = char.swapcase()
        if other != char and other in INDEX and other.swapcase() == char:
            table[INDEX[char]] = INDEX[other]
    return table


OTHER_CASE: Final = _other_cases()
_IS_LETTER: Final = np.array([False, *(char.isalpha() for char in CHARACTERS)])
_IS_M: Final = np.array([False, *(char in "Mm" for char in CHARACTERS)])
_IS_C: Final = np.array([False, *(char in "Cc" for char in CHARACTERS)])
IS_CAPITAL: Final = (OTHER_CASE > 0) & [False, *(char.isupper() for char in CHARACTERS)]
