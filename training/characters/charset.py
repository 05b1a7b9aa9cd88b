"""Labelled pictures of characters, as every loader gives them and every consumer takes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from pipeline.glyph_image import SIZE_PX, normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES

#: Label of a picture that is no single character.
REJECT = len(ASCII_CLASSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSet:
    """Pictures and what they show."""

    images: npt.NDArray[np.uint8]  # (N, 32, 32), ink white: pipeline.glyph_image
    labels: npt.NDArray[np.int64]  # (N,) index into ASCII_CLASSES, or REJECT

    def __post_init__(self) -> None:
        if self.images.shape != (len(self.labels), SIZE_PX, SIZE_PX):
            raise ValueError(f"{self.images.shape} pictures for {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: npt.NDArray[np.int64]) -> Self:
        """The rows asked for, in that order."""
        return type(self)(images=self.images[rows], labels=self.labels[rows])

    @classmethod
    def from_raw(cls, raw: Iterable[npt.NDArray[np.uint8]], characters: Iterable[str]) -> Self:
        """Normalise pictures of any size, (H, W) uint8 with white ink, and number the labels.

        Raises:
            ValueError: a label is not one printable ASCII character; says which.
        """
        images = np.stack([normalise_intensity(image) for image in raw])
        labels = np.array([_class_of(c, k) for k, c in enumerate(characters)], dtype=np.int64)
        return cls(images=images, labels=labels)

    @classmethod
    def concatenate(cls, sets: Iterable[CharacterSet]) -> Self:
        """All of them, one after the other."""
        found = list(sets)
        return cls(
            images=np.concatenate([s.images for s in found]),
            labels=np.concatenate([s.labels for s in found]),
        )


def _class_of(character: object, row: int) -> int:
    # "12" and "" are parts of ASCII_CLASSES, too.
    if not isinstance(character, str) or len(character) != 1 or character not in ASCII_CLASSES:
        raise ValueError(
            f"label {character!r} of picture {row} (the first is 0) is not one printable ASCII "
            "character"
        )
    return ASCII_CLASSES.index(character)
