"""The characters that the line recogniser can answer, and the one spelling that each sign has.

Index 0 of the network is the CTC blank; character k of `CHARACTERS` has index k + 1.

Spelling, the same for training labels and for answers: NFC; ligatures are expanded; any white
space is one space; every hyphen is "-", an en dash "–", an em dash "—"; a dotted leader is a run
of full stops as printed; the thin space that some printers put before ; : ! ? is not a space.
"""

from __future__ import annotations

import re
import unicodedata

_ASCII = "".join(chr(c) for c in range(32, 127))
#: Latin-1 letters and Latin Extended-A (with long s), the letters of European languages.
_LETTERS = "".join(
    chr(c)
    for c in (*range(0xC0, 0x180), 0x218, 0x219, 0x21A, 0x21B)
    if c not in (0xD7, 0xF7, 0x132, 0x133, 0x13F, 0x140, 0x149)  # signs, and digraphs we expand
)
_SIGNS = "‘’‚“”„‹›«»–—…•†‡£€¥§°¼½¾⅓⅔′″™№®©×÷±·¡¿¶ªº²³¹"

CHARACTERS = _ASCII + _LETTERS + _SIGNS
BLANK = 0
_OF_INDEX = "\0" + CHARACTERS  # no text has a blank
INDEX = {char: k + 1 for k, char in enumerate(CHARACTERS)}

_SAME_SHAPE = str.maketrans(
    {
        "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st",
        "Ĳ": "IJ", "ĳ": "ij", "ŉ": "’n", "Ŀ": "L·", "ŀ": "l·",
        "‐": "-", "‑": "-", "‒": "–", "―": "—", "−": "-", "\u00ad": "-",
        "‛": "‘", "‟": "“", "´": "'", "ʼ": "’", "‵": "'",
        "⁄": "/", "∕": "/", "∙": "·", "⋅": "·", "●": "•", "▪": "•", "■": "•",
        "Ω": "Ω", "K": "K", "Å": "Å", "µ": "u", "¸": ",", "¨": '"', "¬": "-", "¦": "|",
    }
)  # fmt: skip
_SPACE = re.compile(r"\s+")


def spell(text: str) -> str:
    """The one spelling of a line of text.

    >>> spell("ﬁnd  it ; he said !")
    'find it ; he said !'
    """
    text = unicodedata.normalize("NFC", text).translate(_SAME_SHAPE)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def unknown(text: str) -> set[str]:
    """The characters of a spelled text that are not in the vocabulary.

    >>> sorted(unknown("abc Ж"))
    ['Ж']
    """
    return set(text) - INDEX.keys()


def encode(text: str) -> list[int]:
    """Network indices of a spelled text; raises KeyError for an unknown character.

    >>> decode(encode("Olá"))
    'Olá'
    """
    return [INDEX[char] for char in text]


def decode(indices: list[int]) -> str:
    """The text of network indices (no blanks)."""
    return "".join([_OF_INDEX[k] for k in indices])
