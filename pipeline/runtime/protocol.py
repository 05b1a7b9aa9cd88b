"""What every classifier of single characters offers, whatever runs it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.uint8]  # (N, 32, 32), ink white on black: pipeline.glyph_image
Probabilities = npt.NDArray[np.float32]  # (N, C), rows sum to 1


class GlyphClassifier(Protocol):
    """Gives each picture of a character a probability for every class."""

    @property
    def classes(self) -> str:
        """The characters of the first columns, in order (without the reject class)."""

    @property
    def reject_index(self) -> int | None:
        """Column of "no single character" (a part of one, two that touch, dirt); None: no such."""

    def classify(self, images: Pictures) -> Probabilities:
        """(N, C) calibrated probabilities; C = len(classes), plus 1 with a reject class. N >= 0."""
