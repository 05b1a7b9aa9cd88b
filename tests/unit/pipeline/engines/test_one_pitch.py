"""Spaces that a typewriter had no cell for."""

from __future__ import annotations

import numpy as np
import pytest

from ocrq.types import Box, CharResult
from pipeline.engines.engine import LineReading
from pipeline.engines.one_pitch import page_pitch_px, without_narrow_spaces

PITCH_PX = 20
WORDS = "the minister of the interior"


def _typed(
    text: str, *, confidence: float = 0.99, pitch_px: float = PITCH_PX, cells: bool = True
) -> LineReading:
    """A line of one pitch; `|` is a space that stands in no cell of its own."""
    rng = np.random.default_rng(len(text))
    chars, x = [], 100.0
    for char in text:
        width = 8 if char in "il" else 14
        if not cells:
            width = int(rng.integers(6, 24))
        centre = x + pitch_px / 2
        box = Box(
            x0_px=round(centre - width / 2), y0_px=10, x1_px=round(centre + width / 2), y1_px=30
        )
        sure = confidence if char == "|" else 0.99
        chars.append(CharResult(char=char.replace("|", " "), confidence=sure, box=box))
        x += 0 if char == "|" else pitch_px if cells else width + 3
    return LineReading(chars=tuple(chars), missing_risk=0.1)


def _page(*lines: LineReading) -> list[LineReading]:
    return [*(_typed(WORDS) for _ in range(6)), *lines]


def test_a_space_within_a_cell_goes_and_its_odds_become_a_risk() -> None:
    line = without_narrow_spaces(_page(_typed("the min|ister of the inter|ior", confidence=0.8)))[
        -1
    ]
    assert line.text == WORDS
    assert line.missing_risk is not None
    assert 0.1 < line.missing_risk < 0.2


def test_real_spaces_and_very_sure_ones_stay() -> None:
    real, sure = without_narrow_spaces(
        _page(_typed(WORDS), _typed("min|ister of", confidence=0.9999))
    )[-2:]
    assert real.text == WORDS
    assert sure.text == "min ister of"


def test_a_page_of_proportional_type_is_left_alone() -> None:
    lines = [_typed(WORDS + "abc"[:k], cells=False) for k in range(6)]
    doubtful = _typed("min|ister of the interior", confidence=0.5, cells=False)
    assert without_narrow_spaces([*lines, doubtful]) == [*lines, doubtful]


def test_few_lines_and_empty_pages_tell_no_pitch() -> None:
    assert without_narrow_spaces([]) == []
    few = [_typed("the min|ister of the interior", confidence=0.5)] * 3
    assert without_narrow_spaces(few) == few
    assert without_narrow_spaces([LineReading()] * 9) == [LineReading()] * 9


def test_the_pitch_is_that_of_most_lines() -> None:
    steps = np.full(20, 20.0)
    assert page_pitch_px([(steps, 18.0)] * 6) == pytest.approx(20.0)
    mixed = [(steps * (1 + 0.2 * k), 18.0) for k in range(6)]
    assert page_pitch_px(mixed) is None
