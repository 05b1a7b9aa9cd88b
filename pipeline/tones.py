"""Which tone is a page's paper."""

from __future__ import annotations

import math

import numpy as np

from pipeline.binarize import count_tones
from pipeline.image import GrayImage

_ROWS = 256  # of a page that are looked at


def paper_tone(gray: GrayImage) -> float:
    """The tone of the paper of a page, from some of its rows; the page is not empty."""
    # Ink is seldom a quarter of a page, so the upper quartile is paper, of dark pages too.
    return upper_quartile(gray[:: max(1, gray.shape[0] // _ROWS)])


def upper_quartile(tones: GrayImage) -> float:
    """The tone that three quarters of the pixels are not lighter than.

    It is that of `numpy.percentile`, which sorts, where counting the 256 tones is enough.

    >>> upper_quartile(np.array([[0, 10], [20, 30]], np.uint8))
    22.5
    """
    counts = np.cumsum(count_tones(tones))
    place = 0.75 * (tones.size - 1)
    below, above = np.searchsorted(counts, [math.floor(place), math.ceil(place)], side="right")
    return float(below + (above - below) * (place - math.floor(place)))
