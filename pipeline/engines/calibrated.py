"""Readings with confidences that were fitted to how often such characters are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ocrq.types import CharResult
from pipeline.calibration import Calibration, kinds_of
from pipeline.engines.engine import LineReading

#: Above this confidence alternatives say nothing and are not kept.
SURE: Final = 0.99


def calibrated(readings: Sequence[LineReading], calibration: Calibration) -> list[LineReading]:
    """The readings of a page with calibrated confidences; alternatives keep their ratios."""
    chars = [char for reading in readings for char in reading.chars]
    line = np.repeat(np.arange(len(readings)), [len(r.chars) for r in readings])
    raw = np.clip([char.confidence for char in chars], 1e-9, 1.0)
    kinds = kinds_of("".join(char.char for char in chars))
    found = calibration.characters(1 / raw - 1, kinds, line) if chars else raw
    changed = iter(
        _with(char, min(1.0, confidence))
        for char, confidence in zip(chars, found.tolist(), strict=True)
    )
    risks = calibration.missing_risks(np.array([r.missing_risk or 0.0 for r in readings]))
    return [
        replace(
            reading,
            chars=tuple(next(changed) for _ in reading.chars),
            missing_risk=None if reading.missing_risk is None else risk,
        )
        for reading, risk in zip(readings, risks.tolist(), strict=True)
    ]


def _with(char: CharResult, confidence: float) -> CharResult:
    """The character with another confidence; what is left is shared out as it was before."""
    if confidence >= SURE:
        return replace(char, confidence=confidence, alternatives=())
    scale = (1 - confidence) / max(1 - char.confidence, 1e-9)
    alternatives = tuple((c, min(1.0, p * scale)) for c, p in char.alternatives)
    return replace(char, confidence=confidence, alternatives=alternatives)
