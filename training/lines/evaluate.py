"""Read lines with a Keras line recogniser and count its character errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from pipeline.line_image import STRIDE_PX
from pipeline.vocabulary import BLANK, decode
from training.lines.batches import make_batch
from training.lines.synthesise import Lines


def best_path(logits: npt.NDArray[np.float32], steps: int) -> str:
    """The text of the best path: repeats joined, blanks dropped (Graves 2006).

    Args:
        logits: (T, C).
        steps: valid time steps.
    """
    best = logits[:steps].argmax(axis=1)
    kept = best[np.concatenate(([True], best[1:] != best[:-1]))]
    return decode([int(k) for k in kept if k != BLANK])


def read_lines(net: Any, lines: Lines, batch_size: int = 16) -> list[str]:
    """What the network reads in each line."""
    order = np.argsort([image.shape[1] for image in lines.images])
    out = [""] * len(lines)
    for start in range(0, len(order), batch_size):
        members = order[start : start + batch_size]
        batch = make_batch([lines.images[m] for m in members], ["a"] * len(members))
        logits = np.asarray(net(batch.image / np.float32(255), training=False))
        for m, row, steps in zip(members, logits, batch.steps, strict=True):
            out[m] = best_path(row, -(-lines.images[m].shape[1] // STRIDE_PX))
            assert steps > 0
    return out


#: A set that is read without an error must not outweigh the others.
_LEAST_RATE = 1e-4


def mean_rate(error_rate: Mapping[str, float]) -> float:
    """Geometric mean over sets, so that a tenth less counts alike on easy and on hard ones.

    >>> round(mean_rate({"books": 0.01, "receipts": 0.04}), 6)
    0.02
    """
    return float(np.exp(np.mean(np.log([max(r, _LEAST_RATE) for r in error_rate.values()]))))


def character_error_rate(read: list[str], truth: tuple[str, ...], *, fold_case: bool) -> float:
    """Edit distance over the length of the truth."""
    pairs = [
        (a.lower(), b.lower()) if fold_case else (a, b) for a, b in zip(read, truth, strict=True)
    ]
    return sum(Levenshtein.distance(a, b) for a, b in pairs) / max(1, sum(len(b) for _, b in pairs))
