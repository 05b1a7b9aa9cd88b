"""Which languages a page is in, told by its letters, and which letters none of these has.

A recogniser that knows the letters of forty languages sees some of them where a page has none: an
apostrophe close to its letter is "ľ", a spot over an "o" makes "ő". How often each language has
each letter (letters.json, counted by `python -m training.language letters`) tells the languages of
a page by expectation maximisation over its lines (a mixture of unigrams; Nigam et al. 2000), and
a letter that none of them has then needs as much more evidence as it is rarer there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.vocabulary import CHARACTERS

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

#: Share of a language's letters, for each other language that has the letter: names and borrowed
#: words come from everywhere, and "é" of more places than "ě".
_FROM_ELSEWHERE: Final = 1e-5
_LEAST: Final = 2e-6  # of any letter
#: Of a language that is not in the table, beside its plain letters, each other one. That is about
#: how often the recogniser was trained with such a letter; what is rarer on a page is held back.
_USUAL: Final = 3e-4
#: The same of the long s, and the most that its logit gains on a page of old print.
_USUAL_LONG: Final = 2e-3
_MOST_FAVOUR: Final = 2.0
#: Before anything was read, that a line is in a language that is not in the table, or in old print.
_OTHER_LANGUAGE: Final = 0.02
_OLD_PRINT: Final = 0.02
#: Of the letters s of old print those that are long: all but the last of a word, and no capitals.
_LONG: Final = 0.6
#: Of the long s those that are read as f at first: a page with f in place of s is old print.
_TAKEN_FOR_F: Final = 0.6
_TILDE: Final = 0.01  # and of its vowels those with a tilde, where some printers have hundreds
_ROUNDS: Final = 6
#: A language that explains fewer letters of a page than this is none of the page's.
_LEAST_LETTERS: Final = 40.0
#: Letters by Unicode, ordinals in print.
_SIGNS: Final = frozenset("ªº")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LetterTable:
    """How often languages have letters, whatever their case."""

    letter: Indices  # (1 + vocabulary,) number of each character's letter; -1: none
    share: Floats  # (A, K) of each language's letters; the last language is any other
    expected: Floats  # (A,) share of lines in each language before anything was read
    is_plain: npt.NDArray[np.bool_]  # (K,) letters that nearly all languages have
    long_s: int  # number of the letter

    def weights(self, labels: Indices, line: Indices) -> Floats:
        """(1 + vocabulary,) what is added to the logit of each class on this page.

        0 or less, for letters that its languages do not have; 0 or more for the long s: the
        recogniser sees far more of f, which looks the same where print is worn.

        Args:
            labels: (N,) classes that were read.
            line: (N,) number of the line of each.
        """
        letters = self.letter[labels]
        is_letter = letters >= 0
        lines, count = int(line.max(initial=0)) + 1, self.share.shape[1]
        cells = np.bincount(line[is_letter] * count + letters[is_letter], minlength=lines * count)
        counts = cells.reshape(lines, count).astype(np.float64)
        expected = self._weights(counts) @ self.share
        weight = np.minimum(0.0, np.log(expected / _USUAL))
        weight[self.is_plain] = 0.0
        favour = np.log(expected[self.long_s] / _USUAL_LONG)
        weight[self.long_s] += np.clip(favour, 0.0, _MOST_FAVOUR)
        return np.where(self.letter < 0, 0.0, weight[self.letter])

    def _weights(self, counts: Floats) -> Floats:
        """(A,) share of a page's lines that are in each language."""
        fit = counts @ np.log(self.share).T
        weights = self.expected
        if not counts.any():
            return weights
        for _ in range(_ROUNDS):
            shares = fit + np.log(np.maximum(weights, 1e-12))
            shares = np.exp(shares - shares.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            # Lines that hold few letters tell little, and a line is soon in another language.
            explained = shares.T @ counts.sum(axis=1)
            lasting = np.maximum(explained - _LEAST_LETTERS, 0.0)
            weights = lasting if lasting.any() else explained
            weights /= weights.sum()
        return weights


@cache
def letter_table() -> LetterTable:
    """The table that ships."""
    counted = json.loads(files("pipeline.language").joinpath("letters.json").read_text("utf-8"))
    letters = sorted(
        {c.lower() for c in CHARACTERS if c.isalpha() and len(c.lower()) == 1} - _SIGNS
    )
    number = {letter: k for k, letter in enumerate(letters)}
    modern = np.array([[of.get(letter, 0.0) for letter in letters] for of in counted.values()])
    modern /= modern.sum(axis=1, keepdims=True)
    old = modern.copy()
    old[:, number["ſ"]] = _LONG * modern[:, number["s"]]
    old[:, number["s"]] -= old[:, number["ſ"]]
    taken = _TAKEN_FOR_F * old[:, number["ſ"]]
    old[:, number["ſ"]] -= taken
    old[:, number["f"]] += taken
    for plain, tilde in ("aã", "iĩ", "nñ", "oõ", "uũ"):  # for a letter that is left out, m or n
        old[:, number[tilde]] += _TILDE * modern[:, number[plain]]
    is_plain = np.array([letter.isascii() for letter in letters])
    other = np.where(is_plain, modern.mean(axis=0), _USUAL)
    share = np.vstack([modern, old, other])
    share[:-1] += _FROM_ELSEWHERE * (modern > 0).sum(axis=0)
    share = np.maximum(share, _LEAST)
    known = 1 - _OLD_PRINT - _OTHER_LANGUAGE
    return LetterTable(
        letter=np.array([-1, *(number.get(c.lower(), -1) for c in CHARACTERS)]),
        share=share / share.sum(axis=1, keepdims=True),
        expected=np.concatenate(
            [np.full(len(modern), part / len(modern)) for part in (known, _OLD_PRINT)]
            + [[_OTHER_LANGUAGE]]
        ),
        is_plain=is_plain,
        long_s=number["ſ"],
    )
