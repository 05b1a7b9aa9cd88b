"""Making probabilities honest: one temperature for all logits (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def fit_temperature(
    logits: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64] | None = None,
) -> float:
    """The temperature, 0.25..4, that gives the least cross-entropy.

    Args:
        logits: (N, C).
        labels: (N,).
        weights: (N,) how much each picture counts; None: all alike.

    >>> sharp = np.array([[4.0, 0.0]] * 10, np.float32)
    >>> round(fit_temperature(sharp, np.array([0] * 8 + [1] * 2)), 2)  # 4 / T = log(8 / 2)
    2.89
    """
    # Golden section over log T: the cross-entropy has one minimum in 1 / T.
    golden = (np.sqrt(5.0) - 1) / 2
    low, high = np.log(0.25), np.log(4.0)
    while high - low > 1e-4:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _cross_entropy(logits, labels, weights, left) < _cross_entropy(
            logits, labels, weights, right
        ):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _cross_entropy(
    logits: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64] | None,
    log_temperature: float,
) -> float:
    scaled = logits.astype(np.float64) / np.exp(log_temperature)
    scaled -= scaled.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(labels)), labels]
    return float(np.average(losses, weights=weights))
