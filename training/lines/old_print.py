"""Text as it was printed before 1800: long s, u for v, i for j, & for and, tildes for n.

The rules are those of printers' manuals of the time, as far as their printers kept them: long s
everywhere but at the end of a word and, with many, before f, b, h and k; v before u at the start
of words, whatever is spoken; signatures below pages.
"""

from __future__ import annotations

import random
import re

from pipeline.vocabulary import spell, unknown

_LAST_LETTER_IN_LINE = re.compile(r"s(?=-$)")
_AND = re.compile(r"\b(?:et|and|und|en|y|e|i|og|och)\b")
_ET_CETERA = re.compile(r"\betc\.")
_NASAL = re.compile(r"([aeio])[nm](?=[bcdfgpqtſ])")
_TILDE = {"a": "ã", "e": "ẽ", "i": "ĩ", "o": "õ"}
_SMALL_ROMAN = ("ij", "iij", "iiij", "iv", "v", "vj", "ij", "iij", "2", "3", "4")
_SIGNATURE_LETTERS = "ABCDEFGHIKLMNOPQRSTVXYZ"


def old_print(rng: random.Random, text: str) -> str:
    """The text in the spelling and the letters of one printer, drawn by `rng`."""
    if rng.random() < 0.03:
        return _signature(rng)
    if rng.random() < 0.5:
        text = _ET_CETERA.sub("&c.", text)
        share = rng.random()
        text = _AND.sub(lambda found: "&" if rng.random() < share else found[0], text)
    if rng.random() < 0.3:
        text = re.sub(r"\bu(?=[a-z])", "v", re.sub(r"(?<=[a-z])v(?=[a-z])", "u", text))
        text = text.replace("U", "V")
    if rng.random() < 0.2:
        text = text.replace("j", "i").replace("J", "I")
    text = long_s(
        text,
        round_before=rng.choice(("", "f", "fbk", "fbh", "fbhk")),
        round_second=rng.random() < 0.4,
    )
    if rng.random() < 0.06:
        share = rng.uniform(0.2, 1.0)
        tilded = _NASAL.sub(
            lambda found: _TILDE[found[1]] if rng.random() < share else found[0], text
        )
        text = text if unknown(spell(tilded)) else tilded
    return text


def long_s(text: str, *, round_before: str = "", round_second: bool = False) -> str:
    """Every small s long that is not the last letter of its word.

    Args:
        text: with round ones.
        round_before: letters before which it stays round.
        round_second: of two, the second is round, too.

    >>> long_s("possess satisfaction; this is"), long_s("passes", round_second=True)
    ('poſſeſs ſatiſfaction; this is', 'paſses')
    >>> long_s("satisfaction of hus-", round_before="f")
    'ſatisfaction of huſ-'
    """
    long = re.sub(rf"s(?=[^\W\d_{round_before}])", "ſ", text)
    long = _LAST_LETTER_IN_LINE.sub("ſ", long)
    return long.replace("ſſ", "ſs") if round_second else long


def _signature(rng: random.Random) -> str:
    """What tells the binder of a sheet its place: `A iij`, `Bb 2`."""
    letter = rng.choice(_SIGNATURE_LETTERS)
    double = rng.choice(("", "", letter.lower(), letter))
    return f"{letter}{double}{rng.choice((' ', ' ', '. '))}{rng.choice(_SMALL_ROMAN)}"
