"""Percentiles of floats as `numpy.percentile` gives them, in a fraction of its time.

It spends 30 microseconds on the tones of a letter before it looks at any, and parts a whole page
of values in two where the few that are near the percentile tell it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_FEW: Final = 4096  # values that are sorted as they are
_SAMPLED: Final = 2048
_BELOW: Final = 0.02  # of the sample between what is looked at and the percentile


def percentile(values: Floats, percent: float) -> float:
    """The value that so many per cent of the values are not larger than, between two of them.

    Args:
        values: of any shape, not empty.
        percent: 0..100; the nearer to 100, the quicker.

    >>> percentile(np.array([[1, 2], [3, 5]], np.float32), 75.0)
    3.5
    """
    flat = values.ravel()
    place = (flat.size - 1) * (percent / 100)
    first = int(place)
    share = place - first
    ordered, skipped = _from_below(flat, first)
    low = ordered[first - skipped]
    high = ordered[min(first + 1, flat.size - 1) - skipped]
    return float(low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share))


def _from_below(flat: Floats, place: int) -> tuple[Floats, int]:
    """The values in order but for some of the smallest, fewer than `place`, and how many those are.

    Args:
        flat: (N,).
        place: 0..N - 1.
    """
    if flat.size <= _FEW:
        return np.sort(flat), 0
    sample = np.sort(flat[:: flat.size // _SAMPLED])
    pivot = sample[int(max(place / flat.size - _BELOW, 0.0) * sample.size)]
    large = flat[flat >= pivot]
    skipped = flat.size - large.size
    return (np.sort(large), skipped) if skipped <= place else (np.sort(flat), 0)
