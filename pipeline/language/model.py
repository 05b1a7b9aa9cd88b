"""The language model that ships: how likely characters follow each other, whatever their case.

"TOTAL" and "total" are one word to it. Which case stands is left to the network: n-grams of shapes
(capital, small letter, digit, sign) beside those of letters made nothing better on the folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.language.figures import without_separators
from pipeline.language.ngrams import Codes, Floats, NGrams, Order

#: Before a line and behind it.
EDGE = "\n"
#: So many characters before and behind a place count for what stands there.
CONTEXT = 5
_CODE_POINTS = 0x2200
#: No letter, digit or space is taken to be less likely than this (natural logarithm): every text
#: has names and codes that no corpus has, and a chain of them would outweigh any ink.
_LEAST: Final = -9.0
#: Nor any other sign: quotes, dashes and brackets go by author and printer, not by language, and
#: where they were rare in the corpus they would be taken out of the page.
_LEAST_OF_SIGNS: Final = -5.0
#: Forms of one sign: which of them stands is a habit of the printer.
_ALIKE = ("'‘’‚", '"“”„', "–—")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alphabet:
    """Which code each character of a text has."""

    codes: npt.NDArray[np.uint8]  # (8704,) by code point; 0: not known
    least: Floats  # (256,) by code, the logarithm that no character's probability falls below

    @classmethod
    def of(cls, classes: Sequence[str]) -> Alphabet:
        """Characters of one string share a code, the strings' numbers from 1 on."""
        codes = np.zeros(_CODE_POINTS, np.uint8)
        least = np.full(256, _LEAST)
        for code, characters in enumerate(classes, start=1):
            codes[[ord(c) for c in characters]] = code
            if not any(c.isalnum() or c.isspace() for c in characters):
                least[code] = _LEAST_OF_SIGNS
        codes[ord("ſ")] = codes[ord("s")]  # the same words, in older letters
        return cls(codes=codes, least=least)

    def encode(self, text: str) -> Codes:
        """(N,) codes of a text's characters."""
        points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        return np.where(
            points < _CODE_POINTS, self.codes[np.minimum(points, _CODE_POINTS - 1)], 0
        ).astype(np.uint8)


def letter_classes(characters: str) -> list[str]:
    r"""Each character with its other case or forms, the line's edge first.

    >>> letter_classes("aBb1")
    ['\n', '1', 'a', 'Bb']
    """
    found: dict[str, str] = {}
    for char in characters:
        small = char.lower() if len(char.lower()) == 1 else char
        found[_sign(small)] = found.get(_sign(small), "") + char
    return [EDGE, *(found[small] for small in sorted(found))]


def _sign(char: str) -> str:
    """One form for all forms of a sign."""
    return next((signs[0] for signs in _ALIKE if char in signs), char)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanguageModel:
    """Expects texts; see `log_probability`."""

    grams: NGrams
    alphabet: Alphabet
    #: Share of its logarithm beside the recogniser's, chosen on calibration folds.
    weight: float
    #: For each character of a text: without it n-grams would rather see less.
    character_bonus: float

    def log_weight(self, texts: Sequence[str], skip: Sequence[int]) -> Floats:
        """(N,) what speaks for each text beside its picture, as a natural logarithm.

        A number is never less likely for the points and commas in it: `39.3` is as likely as `393`
        at least, so that the language may find a faint point and not take one away.

        Args:
            texts: with what stands before and behind, `EDGE` at a line's ends.
            skip: how many characters of each are only what stands before; at least one.
        """
        if not texts:
            return np.zeros(0)
        numbers, figures, before = without_separators(texts, skip)
        weights = self._log_weight([*texts, *figures], [*skip, *before])
        found = weights[: len(texts)]
        found[numbers] = np.maximum(found[numbers], weights[len(texts) :])
        return found

    def _log_weight(self, texts: Sequence[str], skip: Sequence[int]) -> Floats:
        lengths = np.array([len(text) for text in texts], np.int64)
        skipped = np.asarray(skip, np.int64)
        codes = self.alphabet.encode("".join(texts))
        log_p = self.grams.log_probability(codes, lengths, skipped, self.alphabet.least)
        return np.asarray(
            self.weight * log_p + self.character_bonus * (lengths - skipped), np.float64
        )


def save_language(path: Path, characters: str, grams: NGrams) -> None:
    """Write the counts that ship.

    Args:
        path: `.npz`.
        characters: the alphabet is made of.
        grams: of `letter_classes`.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "characters": np.frombuffer(characters.encode("utf-8"), np.uint8)
    }
    for n, order in enumerate(grams.orders, start=1):
        # Steps from key to key, byte by byte: most high bytes are nought and pack to nothing.
        steps = np.diff(order.keys, prepend=np.uint64(0))
        arrays[f"keys_{n}"] = steps.view(np.uint8).reshape(-1, 8).T.copy()
        arrays[f"log_p_{n}"] = order.log_p
        arrays[f"back_off_{n}"] = order.back_off
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load_language(path: Path, *, weight: float, character_bonus: float) -> LanguageModel:
    """Read what `save_language` wrote; the shares are on the card of the recogniser."""
    orders: list[Order] = []
    with np.load(path) as arrays:
        characters = bytes(arrays["characters"]).decode("utf-8")
        while f"keys_{len(orders) + 1}" in arrays:
            n = len(orders) + 1
            steps = np.ascontiguousarray(arrays[f"keys_{n}"].T).view(np.uint64)[:, 0]
            orders.append(
                Order(
                    keys=np.cumsum(steps, dtype=np.uint64),
                    log_p=arrays[f"log_p_{n}"],
                    back_off=arrays[f"back_off_{n}"],
                )
            )
    return LanguageModel(
        grams=NGrams(orders=tuple(orders)),
        alphabet=Alphabet.of(letter_classes(characters)),
        weight=weight,
        character_bonus=character_bonus,
    )
