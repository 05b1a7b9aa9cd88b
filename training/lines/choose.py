"""Fix what the engine `auto` does on the calibration folds: whom it asks, whom it believes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocrq.types import PageOptions
from pipeline.engines.auto import Rule
from pipeline.engines.engine import Engine, LineImage, LineReading
from training.evaluation.line_crops import line_image
from training.lines.evaluate import character_error_rate
from training.lines.synthesise import Lines

#: Lines read at once, as if they were a page: the character engine looks at their neighbours.
_PAGE = 30
ASK_BELOW = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
LEAD = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
#: Of the character network's logarithms, where it is asked about single characters.
SHARES = (0.0, 0.15, 0.3, 0.45, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoReadings:
    """A fold as both engines read it."""

    texts: tuple[str, ...]
    first: tuple[LineReading, ...]
    second: tuple[LineReading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule does to each fold."""

    rule: Rule
    error_rate: Mapping[str, float]  # edits a character of the truth
    asked: Mapping[str, float]  # share of lines that are read twice

    @property
    def mean(self) -> float:
        """Over the folds, each of the same weight."""
        return sum(self.error_rate.values()) / len(self.error_rate)


def read_twice(first: Engine, second: Engine, lines: Lines) -> TwoReadings:
    """Read a fold with both engines."""
    images = [line_image(255 - picture) for picture in lines.images]
    return TwoReadings(texts=lines.texts, first=_read(first, images), second=_read(second, images))


def _read(engine: Engine, images: Sequence[LineImage]) -> tuple[LineReading, ...]:
    found: list[LineReading] = []
    for start in range(0, len(images), _PAGE):
        found += engine.read(images[start : start + _PAGE], PageOptions())
    return tuple(found)


def error_rates(
    engine: Engine, folds: Mapping[str, Lines], fold_case: Collection[str] = ()
) -> dict[str, float]:
    """CER of each fold as an engine reads it.

    Args:
        engine: reads.
        folds: name -> lines.
        fold_case: names of folds whose labels have a letter case that was guessed.
    """
    rates = {}
    for name, lines in folds.items():
        found = _read(engine, [line_image(255 - picture) for picture in lines.images])
        rates[name] = character_error_rate(
            [reading.text for reading in found], lines.texts, fold_case=name in fold_case
        )
    return rates


def outcome(rule: Rule, folds: Mapping[str, TwoReadings]) -> Outcome:
    """What a rule does."""
    rates, asked = {}, {}
    for name, fold in folds.items():
        edits = length = doubted = 0
        for text, first, second in zip(fold.texts, fold.first, fold.second, strict=True):
            doubts = rule.doubts(first)
            doubted += doubts
            chosen = second if doubts and rule.prefers_second(first, second) else first
            edits += Levenshtein.distance(chosen.text, text)
            length += len(text)
        rates[name], asked[name] = edits / length, doubted / len(fold.texts)
    return Outcome(rule=rule, error_rate=rates, asked=asked)


def best_rule(folds: Mapping[str, TwoReadings], most_loss: float = 0.0005) -> Outcome:
    """The rule with the lowest mean error among those that harm no fold.

    Args:
        folds: readings.
        most_loss: by how much a fold may be read worse than by the first engine alone.
    """
    alone = outcome(Rule(ask_below=0.0), folds)
    allowed = [
        found
        for found in outcomes(folds)
        if all(rate <= alone.error_rate[n] + most_loss for n, rate in found.error_rate.items())
    ]
    # Of equal rules the one that asks seldom: a second reading costs time.
    return min([alone, *allowed], key=lambda o: (round(o.mean, 5), sum(o.asked.values())))


def outcomes(folds: Mapping[str, TwoReadings]) -> Iterable[Outcome]:
    """What each rule of the grid does."""
    for ask_below, lead in itertools.product(ASK_BELOW, LEAD):
        yield outcome(Rule(ask_below=ask_below, lead=lead), folds)
