"""Letters of Latin alphabets that word lists at hand do not have, put into words that they have.

There are lists of a dozen languages, but the vocabulary has letters of forty. A recogniser of
shapes need not know the words: it must have seen the letters, in every font that has them, and
beside those that they stand beside. So a line has the letters of one alphabet; as often as
languages have a letter it is seen, and none is put where no language has it.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from pipeline.vocabulary import CHARACTERS

#: What letters that are no letter with a mark look like.
_LOOKS_LIKE = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ø": "o", "Ø": "O", "æ": "a",
    "Æ": "A", "œ": "o", "Œ": "O", "þ": "p", "Þ": "P", "ß": "s", "ı": "i", "ħ": "h", "Ħ": "H",
    "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ſ": "s", "ĸ": "k",
}  # fmt: skip

#: Letters beside the plain ones, by language.
ALPHABETS = {
    "Albanian": "çë", "Catalan": "àçèéíïòóúü", "Croatian": "čćđšž", "Czech": "áčďéěíňóřšťúůýž",
    "Danish": "æøåé", "Dutch": "ëïéèöü", "Estonian": "äöõüšž", "Faroese": "áðíóúýæø",
    "Finnish": "äöå", "French": "àâçèéêëîïôùûüœæ", "German": "äöüß", "Hungarian": "áéíóöőúüű",
    "Icelandic": "áðéíóúýþæö", "Irish": "áéíóú", "Italian": "àèéìòù", "Latvian": "āčēģīķļņšūž",
    "Lithuanian": "ąčęėįšųūž", "Norwegian": "æøåéòô", "Polish": "ąćęłńóśźż",
    "Portuguese": "áâãàçéêíóôõú", "Romanian": "ăâîșțşţ", "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Slovenian": "čšž", "Spanish": "áéíñóúü", "Swedish": "åäöé", "Turkish": "çğıöşüâİ",
    "of old print": "ſ",
}  # fmt: skip
#: So many of the lines have letters of all alphabets instead, each as often as others.
_ANY = 0.25


@cache
def relatives() -> Mapping[str, tuple[str, ...]]:
    """Letters of the vocabulary by the plain letter that they are written like.

    >>> "".join(relatives()["c"]), "ł" in relatives()["l"]
    ('çćĉċč', True)
    """
    return _by_plain_letter(CHARACTERS)


@cache
def alphabets() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each language its letters by the plain letter that they are written like.

    >>> "".join(alphabets()["Hungarian"]["o"]), "".join(alphabets()["Hungarian"]["U"])
    ('óöő', 'ÚÜŰ')
    """
    return {
        language: _by_plain_letter(
            dict.fromkeys([*letters, *(c for c in letters.upper() if c in CHARACTERS)])
        )
        for language, letters in ALPHABETS.items()
    }


def accented(rng: random.Random, text: str, share: float) -> str:
    """The text with about `share` of its plain letters (0..1) written as one of their relatives."""
    known = relatives() if rng.random() < _ANY else rng.choice(list(alphabets().values()))
    return "".join(
        rng.choice(known[char]) if char in known and rng.random() < share else char for char in text
    )


def _by_plain_letter(letters: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for char in letters:
        plain = _LOOKS_LIKE.get(char, unicodedata.normalize("NFD", char)[0])
        if char.isalpha() and plain != char:
            found[plain].append(char)
    return {plain: tuple(chars) for plain, chars in found.items()}
