"""Confidences of a reading after calibration."""

from __future__ import annotations

import pytest

from ocrq.types import Box, CharResult
from pipeline.calibration import Calibration
from pipeline.engines.calibrated import calibrated
from pipeline.engines.engine import LineReading

_BOX = Box(x0_px=0, y0_px=0, x1_px=4, y1_px=8)
_HALF_LOGIT = (0.5, 0.5, 0.0, 0.0)


def reading(*confidences: float) -> LineReading:
    chars = tuple(
        CharResult(char="a", confidence=c, box=_BOX, alternatives=(("b", (1 - c) / 2),))
        for c in confidences
    )
    return LineReading(chars=chars, missing_risk=0.2)


def test_without_a_fit_confidences_stay() -> None:
    found = calibrated([reading(0.9, 0.5), LineReading()], Calibration())
    assert [c.confidence for c in found[0].chars] == pytest.approx([0.9, 0.5])
    assert found[0].missing_risk == pytest.approx(0.2)
    assert found[1] == LineReading()


def test_a_fit_changes_confidences_and_alternatives_share_the_rest() -> None:
    (found,) = calibrated([reading(0.9)], Calibration(kinds=(_HALF_LOGIT,) * 4))
    (char,) = found.chars
    assert char.confidence == pytest.approx(0.75)  # odds 9 become 3
    ((other, share),) = char.alternatives
    assert (other, round(share, 6)) == ("b", 0.125)


def test_certainty_stays_a_probability() -> None:
    (found,) = calibrated([reading(1.0, 0.0)], Calibration())
    assert all(0 <= c.confidence <= 1 for c in found.chars)
    assert calibrated([], Calibration()) == []
