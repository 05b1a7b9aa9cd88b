"""Weights in eight bits, rounded so that what a layer computes stays, not each weight for itself.

The inputs of a layer go together: what rounding one weight does to the output can be made good by
how the next ones are rounded. Weights are rounded one after the other, and the error of each is
spread over those that are left by the least squares of the inputs (Frantar et al. 2023, GPTQ).
What is left of it in the mean goes into the bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

LIMIT: Final = 127
#: Of the mean variance of the inputs, added to each: lines that were not seen have other inputs.
_DAMPING: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """What a convolution sees for one output: K = rows x columns x channels of its kernel."""

    mean: Floats  # (K,)
    covariance: Floats  # (K, K)


def int8_scales(weights: Singles) -> Singles:
    """(C,) one scale for each output channel of weights (C, ...), so that its largest is 127."""
    largest = np.abs(weights.reshape(len(weights), -1)).max(axis=1)
    return np.asarray(np.maximum(largest, 1e-12) / LIMIT, np.float32)


def rounded(weights: Singles, scales: Singles, seen: Moments | None) -> npt.NDArray[np.int8]:
    """Weights (C, ...) as whole numbers of their channels' scales.

    Args:
        weights: kernel of each of C output channels, in the order of `Moments`.
        scales: (C,) of `int8_scales`.
        seen: inputs; None: each weight is rounded for itself.

    >>> weights = np.array([[0.5, -1.0]], np.float32)
    >>> rounded(weights, int8_scales(weights), None).tolist()
    [[64, -127]]
    """
    units = weights.reshape(len(weights), -1).astype(np.float64) / scales[:, None]
    numbers = np.clip(np.rint(units), -LIMIT, LIMIT)
    if seen is not None:
        damping = _DAMPING * np.diag(seen.covariance).mean() + 1e-12
        covariance = seen.covariance + damping * np.eye(units.shape[1])
        # Those that matter most first, while there are others left to make their errors good.
        order = np.argsort(-np.diag(covariance), kind="stable")
        spread = np.linalg.cholesky(np.linalg.inv(covariance[np.ix_(order, order)])).T
        units = units[:, order]
        for k in range(units.shape[1]):
            number = np.clip(np.rint(units[:, k]), -LIMIT, LIMIT)
            error = (units[:, k] - number) / spread[k, k]
            units[:, k + 1 :] -= error[:, None] * spread[k, k + 1 :]
            numbers[:, order[k]] = number
    return numbers.astype(np.int8).reshape(weights.shape)


def mean_shift(
    weights: Singles, numbers: npt.NDArray[np.int8], scales: Singles, seen: Moments
) -> Singles:
    """(C,) what the outputs of the rounded weights lack in the mean."""
    lost = weights.reshape(len(weights), -1) - scales[:, None] * numbers.reshape(len(weights), -1)
    return np.asarray(lost.astype(np.float64) @ seen.mean, np.float32)
