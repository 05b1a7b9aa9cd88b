"""The language model that ships: letters without their case, and case by the look of the words.

"TOTAL" and "total" are one word to the n-grams of letters; n-grams of shapes (capital, small
letter, digit, the signs themselves) say which case to expect, whatever the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.language.ngrams import Codes, Floats, NGrams, Order

#: Before a line and behind it.
EDGE = "\n"
#: So many characters before and behind a place count for what stands there.
CONTEXT = 5
_CODE_POINTS = 0x2200
#: Forms of one sign: which of them stands is a habit of the printer.
_ALIKE = ("'‘’‚", '"“”„', "–—")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alphabet:
    """Which code each character of a text has."""

    codes: npt.NDArray[np.uint8]  # (8704,) by code point; 0: not known

    @classmethod
    def of(cls, classes: Sequence[str]) -> Alphabet:
        """Characters of one string share a code, the strings' numbers from 1 on."""
        codes = np.zeros(_CODE_POINTS, np.uint8)
        for code, characters in enumerate(classes, start=1):
            codes[[ord(c) for c in characters]] = code
        return cls(codes=codes)

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


def shape_classes(characters: str) -> list[str]:
    r"""Capitals, small letters, digits, and each sign, the line's edge first.

    >>> shape_classes("aBb1.")
    ['\n', 'B', 'ab', '1', '.']
    """
    capitals = "".join(c for c in characters if c.isalpha() and c != c.lower())
    small = "".join(c for c in characters if c.isalpha() and c == c.lower())
    digits = "".join(c for c in characters if c.isdecimal())
    signs: dict[str, str] = {}
    for char in characters:
        if char not in {*capitals, *small, *digits}:
            signs[_sign(char)] = signs.get(_sign(char), "") + char
    return [EDGE, *(part for part in (capitals, small, digits) if part), *signs.values()]


def _sign(char: str) -> str:
    """One form for all forms of a sign."""
    return next((signs[0] for signs in _ALIKE if char in signs), char)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanguageModel:
    """Expects texts; see `log_probability`."""

    letters: NGrams
    shapes: NGrams
    letter_alphabet: Alphabet
    shape_alphabet: Alphabet
    #: Shares of the two in what is expected, chosen on calibration folds beside the recogniser.
    letter_weight: float
    shape_weight: float
    #: For each character of a text: without it n-grams would rather see less.
    character_bonus: float

    def log_weight(self, texts: Sequence[str], skip: Sequence[int]) -> Floats:
        """(N,) what speaks for each text beside its picture, as a natural logarithm.

        Args:
            texts: with what stands before and behind, `EDGE` at a line's ends.
            skip: how many characters of each are only what stands before; at least one.
        """
        if not texts:
            return np.zeros(0)
        lengths = np.array([len(text) for text in texts], np.int64)
        skipped = np.asarray(skip, np.int64)
        together = "".join(texts)
        letters = self.letters.log_probability(
            self.letter_alphabet.encode(together), lengths, skipped
        )
        shapes = self.shapes.log_probability(self.shape_alphabet.encode(together), lengths, skipped)
        return np.asarray(
            self.letter_weight * letters
            + self.shape_weight * shapes
            + self.character_bonus * (lengths - skipped),
            np.float64,
        )


def save_language(path: Path, characters: str, letters: NGrams, shapes: NGrams) -> None:
    """Write the counts that ship.

    Args:
        path: `.npz`.
        characters: the alphabets are made of.
        letters: of `letter_classes`.
        shapes: of `shape_classes`.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "characters": np.frombuffer(characters.encode("utf-8"), np.uint8)
    }
    for name, grams in (("letters", letters), ("shapes", shapes)):
        for n, order in enumerate(grams.orders, start=1):
            # Steps from key to key, byte by byte: most high bytes are nought and pack to nothing.
            steps = np.diff(order.keys, prepend=np.uint64(0))
            arrays[f"{name}_{n}_keys"] = steps.view(np.uint8).reshape(-1, 8).T.copy()
            arrays[f"{name}_{n}_log_p"] = order.log_p
            arrays[f"{name}_{n}_back_off"] = order.back_off
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load_language(
    path: Path, *, letter_weight: float, shape_weight: float, character_bonus: float
) -> LanguageModel:
    """Read what `save_language` wrote; the weights are on the card of the recogniser."""
    with np.load(path) as arrays:
        characters = bytes(arrays["characters"]).decode("utf-8")
        letters, shapes = (_grams(arrays, name) for name in ("letters", "shapes"))
    return LanguageModel(
        letters=letters,
        shapes=shapes,
        letter_alphabet=Alphabet.of(letter_classes(characters)),
        shape_alphabet=Alphabet.of(shape_classes(characters)),
        letter_weight=letter_weight,
        shape_weight=shape_weight,
        character_bonus=character_bonus,
    )


def _grams(arrays: np.lib.npyio.NpzFile, name: str) -> NGrams:
    orders: list[Order] = []
    while f"{name}_{len(orders) + 1}_keys" in arrays:
        prefix = f"{name}_{len(orders) + 1}"
        steps = np.ascontiguousarray(arrays[f"{prefix}_keys"].T).view(np.uint64)[:, 0]
        orders.append(
            Order(
                keys=np.cumsum(steps, dtype=np.uint64),
                log_p=arrays[f"{prefix}_log_p"],
                back_off=arrays[f"{prefix}_back_off"],
            )
        )
    return NGrams(orders=tuple(orders))
