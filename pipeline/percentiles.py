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
_BESIDE: Final = 0.02  # of the sample on both sides of the percentile is looked at


def percentile(values: Floats, percent: float) -> float:
    """The value that so many per cent of the values are not larger than, between two of them.

    Args:
        values: of any shape, not empty.
        percent: 0..100.

    >>> percentile(np.array([[1, 2], [3, 5]], np.float32), 75.0)
    3.5
    """
    flat = values.ravel()
    place = (flat.size - 1) * (percent / 100)
    first = int(place)
    share = place - first
    ordered, skipped = _around(flat, first)
    low = ordered[first - skipped]
    high = ordered[min(first + 1, flat.size - 1) - skipped]
    return float(low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share))


def _around(flat: Floats, place: int) -> tuple[Floats, int]:
    """Some of the values in order, that at `place` and the next among them, and how many are less.

    Args:
        flat: (N,).
        place: 0..N - 1.
    """
    if flat.size <= _FEW:
        return np.sort(flat), 0
    sample = np.sort(flat[:: flat.size // _SAMPLED])
    share, last = place / flat.size, sample.size - 1
    low = sample[int(max(share - _BESIDE, 0.0) * last)]
    high = sample[int((share + _BESIDE) * last)] if share + _BESIDE < 1 else np.inf
    is_enough = flat >= low
    near = flat[is_enough & (flat <= high)]
    skipped = flat.size - int(np.count_nonzero(is_enough))
    is_inside = skipped <= place and min(place + 1, flat.size - 1) < skipped + near.size
    return (np.sort(near), skipped) if is_inside else (np.sort(flat), 0)
