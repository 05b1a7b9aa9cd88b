"""The confidences of a model's card: fitted on calibration folds, measured on all sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pipeline.language.model import LanguageModel
from pipeline.runtime.graph import Runtime
from training.lines.calibrate import calibration_for_card, fit_calibration
from training.lines.judge import judge_lines
from training.lines.measure import measure_confidence
from training.lines.run_folder import ReportSet, sample

#: Of a set, drawn at random.
_MOST_LINES: Final = 1500


def calibrate_card(
    card: dict[str, Any], model: Runtime, sets: Sequence[ReportSet], language: LanguageModel | None
) -> None:
    """Write the confidences of what is read into a card: with the language model, and alone."""
    card["temperature"] = 1.0  # the calibration has it
    card["confidence"], card["metrics"]["confidence"] = calibrated(model, sets, language)
    if language is not None:
        card["confidence_alone"], card["metrics"]["confidence_alone"] = calibrated(model, sets)


def calibrated(
    model: Runtime, sets: Sequence[ReportSet], language: LanguageModel | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Fit confidences on the folds of `sets` and measure them on all.

    Returns:
        The card's `confidence` and its `metrics.confidence`.
    """
    judged = [
        judge_lines(model, sample(s.lines, _MOST_LINES), language=language, fold_case=s.fold_case)
        for s in sets
    ]
    folds = {s.name: found for s, found in zip(sets, judged, strict=True) if s.is_fold}
    calibration, compared = fit_calibration(folds)
    measured = [
        measure_confidence(s.title, found, calibration)
        for s, found in zip(sets, judged, strict=True)
    ]
    return calibration_for_card(calibration, compared), measured
