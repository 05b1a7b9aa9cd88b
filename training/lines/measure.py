"""Figures of a line recogniser on a set of lines: errors, calibration, what review finds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.calibration import KINDS, Calibration
from pipeline.language.model import LanguageModel
from pipeline.runtime.graph import Runtime
from training.lines.evaluate import character_error_rate, read_lines
from training.lines.judge import Judged, texts_read
from training.lines.run_folder import ReportSet, sample
from training.lines.synthesise import Lines
from training.metrics import (
    REVIEW_SHARES,
    adaptive_calibration_error,
    brier_skill,
    discrimination,
    errors_found,
)

#: Characters below it are doubtful: the many sure ones would hide how honest these are.
_DOUBTFUL = 0.95
_BINS = 10
#: Of each set, drawn at random.
MEASURED_LINES = 700


def measure_reading(
    name: str, model: Runtime, net: Any, lines: Lines, *, fold_case: bool
) -> dict[str, Any]:
    """Figures of the file that ships, and of the float network that it comes from.

    Args:
        name: of the set, for the report.
        model: the file that ships.
        net: Keras network.
        lines: to read.
        fold_case: the truth does not know the letter case.
    """
    started_s = time.process_time()
    read = texts_read(model, lines)
    elapsed_s = time.process_time() - started_s
    by_float = read_lines(net, lines)
    same = [a == b for a, b in zip(read, by_float, strict=True)]
    return {
        "set": name,
        "lines": len(lines),
        "case_folded": fold_case,
        "cer": round(character_error_rate(read, lines.texts, fold_case=fold_case), 4),
        "cer_float": round(character_error_rate(by_float, lines.texts, fold_case=fold_case), 4),
        "lines_as_float": round(float(np.mean(same)), 4),
        "lines_per_s": round(len(lines) / elapsed_s),
    }


def measure_expected(
    rows: Sequence[Mapping[str, Any]],
    model: Runtime,
    sets: Sequence[ReportSet],
    language: LanguageModel,
) -> list[dict[str, Any]]:
    """Rows of `measure_reading` with what is read when a language says what it expects.

    The same lines are read as there; `sets` in the order of the rows.
    """
    found = []
    for row, report in zip(rows, sets, strict=True):
        lines = sample(report.lines, MEASURED_LINES, seed=1)
        started_s = time.process_time()
        read = texts_read(model, lines, language)
        elapsed_s = time.process_time() - started_s
        rate = character_error_rate(read, lines.texts, fold_case=report.fold_case)
        found.append(
            {
                **row,
                "cer_expected": round(rate, 4),
                "lines_per_s_expected": round(len(lines) / elapsed_s),
            }
        )
    return found


def measure_confidence(name: str, judged: Judged, calibration: Calibration) -> dict[str, Any]:
    """How honest calibrated confidences are on a set of lines, whole and by kind of character.

    Args:
        name: of the set, for the report.
        judged: the lines read and held against their labels.
        calibration: of the card.
    """
    confidence = judged.confidence(calibration)
    order = np.argsort(confidence, kind="stable")
    bins = [part for part in np.array_split(order, _BINS) if len(part)]
    risk = calibration.missing_risks(judged.missing_risk)
    return {
        "set": name,
        "all": _figures(confidence, judged.is_right),
        **{
            kind: _figures(confidence[judged.kinds == k], judged.is_right[judged.kinds == k])
            for k, kind in enumerate(KINDS)
        },
        "reliability": [
            [
                round(float(confidence[part].mean()), 4),
                round(float(judged.is_right[part].mean()), 4),
            ]
            for part in bins
        ],
        "missing": {
            "lines": len(risk),
            "set_aside": judged.set_aside,
            "share": round(float(judged.misses.mean()), 4) if len(risk) else 0.0,
            **_honesty(1 - risk.astype(np.float32), ~judged.misses),
        },
    }


def _figures(
    confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    doubtful = confidence < _DOUBTFUL
    return {
        "characters": len(confidence),
        "wrong": round(float(1 - is_right.mean()), 5) if len(is_right) else 0.0,
        "doubtful": int(doubtful.sum()),
        "ece_doubtful": _rounded(
            adaptive_calibration_error(confidence[doubtful], is_right[doubtful])
        ),
        **_honesty(confidence, is_right),
        "errors_found": {
            str(share): round(errors_found(confidence, is_right, share), 3)
            for share in REVIEW_SHARES
        },
    }


def _honesty(
    confidence: npt.NDArray[np.float32], is_right: npt.NDArray[np.bool_]
) -> dict[str, float]:
    return {
        "ece": _rounded(adaptive_calibration_error(confidence, is_right)),
        "brier_skill": _rounded(brier_skill(confidence, is_right)),
        "auroc": _rounded(discrimination(confidence, is_right)),
    }


def _rounded(value: float) -> float:
    return round(value, 4)
