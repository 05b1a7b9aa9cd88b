"""A language model counted in a few lines of text."""

from __future__ import annotations

from pipeline.language.model import (
    EDGE,
    Alphabet,
    LanguageModel,
    letter_classes,
    shape_classes,
)
from pipeline.vocabulary import CHARACTERS
from training.language.count import fit_ngrams

ALL_KEPT = (0.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def counted(*lines: str, shape_weight: float = 0.2) -> LanguageModel:
    """A model that has read each of the lines twenty times."""
    text = EDGE + EDGE.join(lines * 20) + EDGE
    letters, shapes = (Alphabet.of(f(CHARACTERS)) for f in (letter_classes, shape_classes))
    return LanguageModel(
        letters=fit_ngrams([(letters.encode(text), 1.0)], ALL_KEPT),
        shapes=fit_ngrams([(shapes.encode(text), 1.0)], ALL_KEPT),
        letter_alphabet=letters,
        shape_alphabet=shapes,
        letter_weight=0.5,
        shape_weight=shape_weight,
        character_bonus=1.0,
    )
