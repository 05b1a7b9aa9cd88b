"""Figures of a line recogniser on a set of lines: errors, calibration, what review finds."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from pipeline.ctc import best_path, log_softmax
from pipeline.runtime.graph import Runtime
from pipeline.vocabulary import decode
from training.lines.evaluate import character_error_rate, read_lines
from training.lines.package import confidences, read_logits
from training.lines.synthesise import Lines
from training.metrics import (
    REVIEW_SHARES,
    discrimination,
    errors_found,
    expected_calibration_error,
)


def measure_lines(
    name: str, model: Runtime, net: Any, lines: Lines, temperature: float, *, fold_case: bool
) -> dict[str, Any]:
    """Figures of the file that ships, and of the float network that it comes from.

    Args:
        name: of the set, for the report.
        model: the file that ships.
        net: Keras network.
        lines: to read.
        temperature: of the card.
        fold_case: the truth does not know the letter case; confidences are not judged then.
    """
    started_s = time.process_time()
    logits = read_logits(model, lines)
    elapsed_s = time.process_time() - started_s
    read = [decode([s.index for s in best_path(log_softmax(frames))]) for frames in logits]
    by_float = read_lines(net, lines)
    same = [a == b for a, b in zip(read, by_float, strict=True)]
    figures: dict[str, Any] = {
        "set": name,
        "lines": len(lines),
        "case_folded": fold_case,
        "cer": round(character_error_rate(read, lines.texts, fold_case=fold_case), 4),
        "cer_float": round(character_error_rate(by_float, lines.texts, fold_case=fold_case), 4),
        "lines_as_float": round(float(np.mean(same)), 4),
        "lines_per_s": round(len(lines) / elapsed_s),
    }
    if not fold_case:
        values, right = confidences(logits, lines, temperature)
        confidence = values.astype(np.float32)
        figures["ece"] = round(expected_calibration_error(confidence, right), 4)
        figures["auroc"] = round(discrimination(confidence, right), 4)
        figures["errors_found"] = {
            str(share): round(errors_found(confidence, right, share), 3) for share in REVIEW_SHARES
        }
    return figures
