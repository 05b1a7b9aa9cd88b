"""Lines that are no text: pieces of drawings, stains, the shadow of the page's edge.

Rules fixed on scanned books. They only speak where a page has running text to compare with, so a
form with single characters keeps them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ocrq.types import mean_confidence
from pipeline.engines.engine import LineImage, LineReading

_RUNNING: Final = 8  # characters of a line of running text
_ENOUGH_LINES: Final = 3  # of running text, to compare with
_FEW: Final = 3  # characters of a line that may be dirt by itself
_SMALL: Final = 0.58  # x-heights of the page's text: smaller characters are dirt
_TOGETHER: Final = 0.6  # mean confidence of two or three characters
_ALONE: Final = 0.75  # of one
_STROKES: Final = frozenset("1Il|!/\\()[]{}.,:;'`\"-_~^")  # one alone is dirt as often as text


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What is known of a line once it is read."""

    text: str  # without spaces
    confidence: float  # mean of its characters
    rejected: float  # mean probability of being no character
    on_baseline: float  # share of its letters that stand on the baseline or hang from it
    x_height_px: float


def find_dirt(lines: Sequence[LineFacts]) -> npt.NDArray[np.bool_]:
    """(N,) which lines of a page are dirt."""
    running = [line.x_height_px for line in lines if len(line.text) >= _RUNNING]
    if len(running) < _ENOUGH_LINES:
        return np.zeros(len(lines), np.bool_)
    usual_px = float(np.median(running))
    return np.array([_is_dirt(line, usual_px) for line in lines], np.bool_)


def _is_dirt(line: LineFacts, usual_px: float) -> bool:
    if len(line.text) >= _RUNNING:
        ragged = line.on_baseline < 0.6
        return line.rejected > 0.1 and (ragged or line.confidence < 0.7)
    if len(line.text) > _FEW:
        return line.rejected > 0.5
    if line.x_height_px < _SMALL * usual_px or line.confidence < _TOGETHER:
        return True
    return len(line.text) == 1 and (line.confidence < _ALONE or line.text in _STROKES)


def mark_strays(lines: Sequence[LineImage], readings: Sequence[LineReading]) -> list[LineReading]:
    """The readings of a page, those of pens' marks, clips and rust that stand alone named dirt.

    A line recogniser makes a letter of any mark. One to three characters with a row for themselves,
    that are smaller than the page's text or in doubt, are dirt; a column of a table has company on
    its row.

    Args:
        lines: all lines of a page, in reading order.
        readings: what was read in each.
    """
    texts = [reading.text.replace(" ", "") for reading in readings]
    running = [
        line.x_height_px for line, text in zip(lines, texts, strict=True) if len(text) >= _RUNNING
    ]
    if len(running) < _ENOUGH_LINES:
        return list(readings)
    usual_px = float(np.median(running))
    has_company = [
        line.continues or (k + 1 < len(lines) and lines[k + 1].continues)
        for k, line in enumerate(lines)
    ]
    return [
        replace(reading, is_dirt=True)
        if 0 < len(text) <= _FEW and not company and _is_stray(line, reading, len(text), usual_px)
        else reading
        for line, reading, text, company in zip(lines, readings, texts, has_company, strict=True)
    ]


def _is_stray(line: LineImage, reading: LineReading, length: int, usual_px: float) -> bool:
    sure = mean_confidence([c for c in reading.chars if c.char != " "]) or 0.0
    least = _ALONE if length == 1 else _TOGETHER
    return sure < least or (length == 1 and line.x_height_px < _SMALL * usual_px)


def on_baseline(bottoms: npt.NDArray[np.float64], heights: npt.NDArray[np.float64]) -> float:
    """Share of the letters that stand on the baseline or hang below it by a descender.

    Args:
        bottoms: (N,) of the characters above the baseline, in x-heights.
        heights: (N,) of the characters, in x-heights; marks are left out.

    >>> on_baseline(np.array([0.0, -0.4, 0.6, 0.5]), np.array([1.0, 1.4, 1.0, 0.1])).__round__(2)
    0.67
    """
    letters = heights > 0.6
    if not letters.any():
        return 1.0
    stands = (np.abs(bottoms) < 0.18) | ((bottoms < -0.25) & (bottoms > -0.65))
    return float(stands[letters].mean())
