"""Calibration finds what a network is too sure of, and keeps to forms that hold elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.calibration import KINDS, Calibration, sigmoid
from training.lines.calibrate import calibration_for_card, fit_calibration
from training.lines.judge import Judged, align
from training.metrics import adaptive_calibration_error


def judged(seed: int, *, too_sure: float, shift: float = 0.0, lines: int = 200) -> Judged:
    """Characters whose network claims `too_sure` times the log-odds that hold."""
    rng = np.random.default_rng(seed)
    count = 30 * lines
    logit = rng.normal(4.0, 2.0, count) + shift
    risk_logit = rng.normal(-2.0, 1.5, lines)
    return Judged(
        odds=np.exp(-too_sure * logit),
        kinds=rng.integers(0, len(KINDS), count),
        line=np.repeat(np.arange(lines), 30),
        is_right=rng.random(count) < sigmoid(logit),
        missing_risk=sigmoid(too_sure * risk_logit),
        misses=rng.random(lines) < sigmoid(risk_logit),
        set_aside=0,
    )


def test_a_network_that_is_too_sure_is_softened() -> None:
    folds = {name: judged(k, too_sure=2.0) for k, name in enumerate(("a", "b", "c"))}
    calibration, compared = fit_calibration(folds)
    assert compared["form"] in compared["log_loss"]
    new = judged(9, too_sure=2.0)
    raw = Calibration().characters(new.odds, new.kinds, new.line)
    assert adaptive_calibration_error(raw.astype(np.float32), new.is_right) > 0.02
    assert adaptive_calibration_error(new.confidence(calibration), new.is_right) < 0.01
    risks = calibration.missing_risks(new.missing_risk)
    assert risks.mean() == pytest.approx(new.misses.mean(), abs=0.06)


def test_a_line_in_which_the_network_is_lost_makes_every_character_doubtful() -> None:
    """One domain is read well and one badly: the rest of the line tells which it is."""
    folds = {
        "good": judged(0, too_sure=1.0, shift=1.0),
        "bad": judged(1, too_sure=1.0, shift=-3.0),
        "good too": judged(2, too_sure=1.0, shift=1.0),
        "bad too": judged(3, too_sure=1.0, shift=-3.0),
    }
    for name in ("bad", "bad too"):  # half of what it is sure of is wrong all the same
        fold = folds[name]
        fold.is_right[::2] = False
    calibration, compared = fit_calibration(folds)
    assert compared["form"].endswith("with line")
    for fold in folds.values():
        error = adaptive_calibration_error(fold.confidence(calibration), fold.is_right)
        assert error < 0.06


def test_one_fold_is_parted() -> None:
    calibration, _ = fit_calibration({"only": judged(4, too_sure=1.5)})
    a, b, _, _ = calibration.kinds[1]
    assert 0.4 < a < 1.0
    assert 0.4 < b < 1.0


def test_the_card_keeps_the_calibration() -> None:
    calibration, compared = fit_calibration({"only": judged(4, too_sure=1.5)})
    again = Calibration.from_card({"confidence": calibration_for_card(calibration, compared)})
    for kept, fitted in zip(again.kinds, calibration.kinds, strict=True):
        assert kept == pytest.approx(fitted, abs=1e-5)
    assert Calibration.from_card({}) == Calibration()


def test_quotes_and_dashes_of_all_forms_are_equal() -> None:
    is_right, edge, is_missing = align("‘a’ — b", "'a' - b")
    assert is_right.all()
    assert (edge, is_missing) == (0, False)
    assert align("TOTAL", "Total", fold_case=True)[0].all()
    assert align("abc", "abc and what follows")[1] == 17
