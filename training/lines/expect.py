"""How much a language model counts beside the network: chosen on the calibration folds."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pipeline.ctc.path import Logits
from pipeline.language.model import LanguageModel, load_language
from pipeline.language.shipped import FILE, KEY
from pipeline.weights import ModelFiles
from training.lines.evaluate import character_error_rate, mean_rate
from training.lines.judge import texts_of_logits
from training.text_score import normalise

#: Shares that are tried, and what each character more is worth for each of them.
WEIGHTS: Final = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
BONUSES: Final = (2.0, 3.0, 4.0, 5.0, 6.0)
#: Mean error rates up to so many times the least one are as good as it.
AS_GOOD: Final = 1.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """Lines as the network sees them."""

    logits: Sequence[Logits]
    texts: tuple[str, ...]
    fold_case: bool = False  # the case of the labels is a guess


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Shares of a language model, and what is read with them."""

    weight: float
    character_bonus: float
    error_rate: Mapping[str, float]  # by fold

    def __str__(self) -> str:
        rates = "  ".join(f"{name} {rate:.2%}" for name, rate in self.error_rate.items())
        return (
            f"language {self.weight}, a character {self.character_bonus:.2f}:"
            f" mean {mean_rate(self.error_rate):.3%}  {rates}"
        )


def error_rates(folds: Mapping[str, Fold], language: LanguageModel | None) -> dict[str, float]:
    """CER of each fold, read with the language model or without; forms of a sign are alike."""
    return {
        name: character_error_rate(
            [normalise(text) for text in texts_of_logits(fold.logits, language)],
            tuple(normalise(text) for text in fold.texts),
            fold_case=fold.fold_case,
        )
        for name, fold in folds.items()
    }


def expectations(folds: Mapping[str, Fold], path: Path) -> list[Expectation]:
    """What is read with each of the shares that are tried, best first."""
    language = load_language(path, weight=0, character_bonus=0)
    found = []
    for weight, bonus in itertools.product(WEIGHTS, BONUSES):
        tried = replace(language, weight=weight, character_bonus=round(weight * bonus, 2))
        found.append(
            Expectation(
                weight=weight,
                character_bonus=tried.character_bonus,
                error_rate=error_rates(folds, tried),
            )
        )
    return sorted(found, key=lambda e: mean_rate(e.error_rate))


def most_careful(tried: Sequence[Expectation]) -> Expectation:
    """Of those that read about as well as the best, the best of the least weight.

    Folds are too small to tell these apart, and what counts less changes less. A high bonus puts
    characters into clean pages, a low one takes them out.
    """
    least = min(mean_rate(e.error_rate) for e in tried)
    as_good = [e for e in tried if mean_rate(e.error_rate) <= AS_GOOD * least]
    return min(as_good, key=lambda e: (e.weight, mean_rate(e.error_rate)))


def attach(
    packed: ModelFiles, language: Path, chosen: Expectation, folds: Mapping[str, Fold]
) -> tuple[dict[str, Any], LanguageModel]:
    """Copy a language model beside packed weights and name it on their card.

    Returns:
        The card, not yet stored, and the model.
    """
    card = dict(packed.card)
    path = packed.folder / FILE
    shutil.copyfile(language, path)
    shares = {"weight": chosen.weight, "character_bonus": chosen.character_bonus}
    alone = error_rates(folds, None)
    card["files"] = {**card["files"], FILE: hashlib.sha256(path.read_bytes()).hexdigest()}
    card[KEY] = {
        **shares,
        "chosen_by": {
            name: {"alone": round(alone[name], 5), "expected": round(rate, 5)}
            for name, rate in chosen.error_rate.items()
        },
    }
    return card, load_language(path, **shares)
