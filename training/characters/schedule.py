"""Learning rate over a run."""

from __future__ import annotations

import math


def cosine_rate(fraction: float, highest: float, warmup: float = 0.04) -> float:
    """Linear warm-up, then half a cosine to a hundredth (Loshchilov and Hutter 2017).

    Args:
        fraction: 0..1 of the run that is over; beyond 1 counts as 1.
        highest: the rate after the warm-up.
        warmup: share of the run that warms up.

    >>> [round(cosine_rate(f, 0.1), 4) for f in (0.0, 0.02, 0.04, 0.52, 1.0)]
    [0.001, 0.05, 0.1, 0.0505, 0.001]
    """
    lowest = highest / 100
    if fraction < warmup:
        return max(lowest, highest * fraction / warmup)
    done = min(1.0, (fraction - warmup) / (1 - warmup))
    return lowest + (highest - lowest) * 0.5 * (1 + math.cos(math.pi * done))
