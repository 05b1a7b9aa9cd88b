"""Letters of Latin alphabets that word lists at hand do not have, put into words that they have.

There are lists of a dozen languages, but the vocabulary has letters of forty. A recogniser of
shapes need not know the words: it must have seen the letters, in every font that has them.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from pipeline.vocabulary import CHARACTERS

#: What letters that are no letter with a mark look like.
_LOOKS_LIKE = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ø": "o", "Ø": "O", "æ": "a",
    "Æ": "A", "œ": "o", "Œ": "O", "þ": "p", "Þ": "P", "ß": "s", "ı": "i", "ħ": "h", "Ħ": "H",
    "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ſ": "s", "ĸ": "k",
}  # fmt: skip


@cache
def relatives() -> Mapping[str, tuple[str, ...]]:
    """Letters of the vocabulary by the plain letter that they are written like.

    >>> "".join(relatives()["c"]), "ł" in relatives()["l"]
    ('çćĉċč', True)
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for char in CHARACTERS:
        plain = _LOOKS_LIKE.get(char, unicodedata.normalize("NFD", char)[0])
        if char.isalpha() and plain != char:
            found[plain].append(char)
    return {plain: tuple(chars) for plain, chars in found.items()}


def accented(rng: random.Random, text: str, share: float) -> str:
    """The text with about `share` of its plain letters (0..1) written as one of their relatives."""
    known = relatives()
    return "".join(
        rng.choice(known[char]) if char in known and rng.random() < share else char for char in text
    )
