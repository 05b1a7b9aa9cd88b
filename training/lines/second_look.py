"""How much the character network counts beside the line network, seen on the calibration folds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ocrq.types import PageOptions
from pipeline.engines.engine import Engine
from training.evaluation.line_crops import line_image
from training.lines.evaluate import character_error_rate
from training.lines.synthesise import Lines

#: Of the character network's logarithms, where it is asked about single characters.
SHARES: Final = (0.0, 0.15, 0.3, 0.45, 0.6)
#: Lines read at once, as if they were a page.
_PAGE: Final = 30


def error_rates(
    engine: Engine, folds: Mapping[str, Lines], fold_case: Collection[str] = ()
) -> dict[str, float]:
    """CER of each fold as an engine reads it.

    Args:
        engine: reads.
        folds: name -> lines.
        fold_case: names of folds whose labels have a letter case that was guessed.
    """
    return {
        name: character_error_rate(_texts(engine, lines), lines.texts, fold_case=name in fold_case)
        for name, lines in folds.items()
    }


def _texts(engine: Engine, lines: Lines) -> list[str]:
    images = [line_image(255 - picture) for picture in lines.images]
    return [
        reading.text
        for start in range(0, len(images), _PAGE)
        for reading in engine.read(images[start : start + _PAGE], PageOptions())
    ]
