"""Whether a large initial is a word of its own: `A LINE` and `I WAS`, but `ALONG` and `IT`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.word_list import WordList

_ALONE: Final = frozenset("AIO")  # letters that are words
_LISTED: Final = 4  # letters of a word that is looked up; shorter ones are parts of many
#: After the initial: what can follow it only as the next word, or nearly so.
_SHORT: Final = {
    "A": frozenset(("big", "boy", "day", "few", "fog", "gun", "law", "man", "new", "red", "son")),
    "I": frozenset(
        (
            "am",
            "ask",
            "can",
            "did",
            "do",
            "go",
            "got",
            "had",
            "may",
            "met",
            "now",
            "owe",
            "put",
            "ran",
            "sat",
            "saw",
            "say",
            "was",
        )
    ),
    "O": frozenset(("my", "god", "ye")),
}
_WORD_GAP: Final = 0.9  # x-heights between an initial and a word that is another's
_LETTERS: Final = re.compile(r"[^\W\d_]+")


def is_own_word(initial: str, rest: str, gap: float, words: WordList) -> bool:
    """Whether a space belongs between an initial and the text beside it.

    The word list decides; where it has both readings, the gap does. Without evidence they are one.

    Args:
        initial: the letter.
        rest: of its line.
        gap: white between the two in x-heights of the line; printers leave some anyhow.
        words: in small letters.

    >>> known = WordList(words=frozenset(("line", "along", "long")))
    >>> is_own_word("A", "LINE of", 0.3, known), is_own_word("I", "was", 0.3, known)
    (True, True)
    >>> is_own_word("A", "ND then", 0.3, known), is_own_word("T", "HE", 2.0, known)
    (False, False)
    >>> [is_own_word("A", "LONG way", gap, known) for gap in (0.3, 1.2)]
    [False, True]
    """
    letter = initial.upper()
    match = _LETTERS.match(rest)
    if letter not in _ALONE or match is None:
        return False
    next_word = match.group().lower()
    if next_word in _SHORT[letter]:
        return True
    joined = letter.lower() + next_word
    if len(next_word) < _LISTED or next_word not in words:
        return False
    return joined not in words or gap >= _WORD_GAP
