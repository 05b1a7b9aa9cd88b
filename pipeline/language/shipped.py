"""The language model beside the weights of a recogniser."""

from __future__ import annotations

from pipeline.language.model import LanguageModel, load_language
from pipeline.weights import ModelFiles, verified_file

FILE = "language.npz"
#: Key of card.json: the shares of `LanguageModel`, and what was counted.
KEY = "language"


def load_shipped(model: ModelFiles) -> LanguageModel | None:
    """The language model that a recogniser was calibrated with; None where it has none.

    Raises:
        ModelError: its file is not the one that was shipped.
    """
    shares = model.card.get(KEY)
    if shares is None:
        return None
    return load_language(
        verified_file(model, FILE),
        weight=float(shares["weight"]),
        character_bonus=float(shares["character_bonus"]),
    )
