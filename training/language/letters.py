"""How often a language has each letter."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pipeline.vocabulary import CHARACTERS, spell

#: Of a hundred thousand letters; what is rarer in a text are names of elsewhere.
_OF: Final = 100_000
_LEAST: Final = 1
#: A letter of the language's alphabet has at least this: old encodings have no œ, typists no ÿ.
_LEAST_OF_OWN: Final = 30


def letter_shares(text: str, alphabet: str = "") -> dict[str, int]:
    """How many of a hundred thousand letters each is, whatever its case; rarer ones are left out.

    Args:
        text: in one language.
        alphabet: small letters that this language has beside the plain ones.

    >>> letter_shares("Élan, été", "éœ")
    {'œ': 30, 'a': 14286, 'l': 14286, 'n': 14286, 't': 14286, 'é': 42857}
    """
    known = {c for c in CHARACTERS if c.isalpha()}
    counts = Counter(c.lower() for c in spell(text) if c in known)
    shares = {c: round(_OF * n / counts.total()) for c, n in counts.most_common()}
    shares |= {c: max(shares.get(c, 0), _LEAST_OF_OWN) for c in alphabet.lower()}
    kept = sorted((n, c) for c, n in shares.items() if n >= _LEAST)
    return {c: n for n, c in kept}
