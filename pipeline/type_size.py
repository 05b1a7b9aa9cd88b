"""How large the type of lines is, whatever their letters are: capitals count as small ones do."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Final

from ocrq.types import LineResult
from pipeline.letter_heights import USUAL_CAP

_LOW: Final = frozenset("acemnorsuvwxz")
_TALL: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789bdfhkl")


def type_size_px(lines: Iterable[LineResult]) -> float:
    """The median x-height of lines in pixels; 0 without letters or digits."""
    sizes = [
        char.box.height_px / (USUAL_CAP if char.char in _TALL else 1.0)
        for line in lines
        for char in line.chars
        if char.char in _TALL or char.char in _LOW
    ]
    return float(median(sizes)) if sizes else 0.0
