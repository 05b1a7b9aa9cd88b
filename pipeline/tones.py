"""Which tone is a page's paper."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, count_tones
from pipeline.image import GrayImage

_ROWS = 256  # of a page that are looked at


def paper_tone(gray: GrayImage) -> float:
    """The tone of the paper of a page, from some of its rows; the page is not empty."""
    # Ink is seldom a quarter of a page, so the upper quartile is paper, of dark pages too.
    return upper_quartile(gray[:: max(1, gray.shape[0] // _ROWS)])


def without_ink(
    gray: GrayImage, ink: InkImage, gone: npt.NDArray[np.bool_]
) -> tuple[GrayImage, InkImage]:
    """A page and its ink (H, W) without some of it.

    The shadow of a stroke goes with it, which a threshold leaves out and another one would find.
    """
    edges = np.asarray(cv2.dilate(gone.view(np.uint8), np.ones((3, 3), np.uint8)), np.bool_)
    gray, ink = gray.copy(), ink & ~gone
    gray[edges & ~ink] = np.uint8(paper_tone(gray))
    return gray, ink


def upper_quartile(tones: GrayImage) -> float:
    """The tone that three quarters of the pixels are not lighter than.

    >>> upper_quartile(np.array([[0, 10], [20, 30]], np.uint8))
    22.5
    """
    return percentile_tones(tones, (75.0,))[0]


def percentile_tones(tones: GrayImage, percents: Sequence[float]) -> tuple[float, ...]:
    """The tones that so many per cent of the pixels are not lighter than.

    They are those of `numpy.percentile`, which sorts, where counting the 256 tones is enough.

    >>> percentile_tones(np.array([[0, 10, 20, 40]], np.uint8), (50.0, 100.0))
    (15.0, 40.0)
    """
    counts = np.cumsum(count_tones(tones)).tolist()
    found: list[float] = []
    for percent in percents:
        place = percent / 100 * (tones.size - 1)
        below, above = (bisect_right(counts, end(place)) for end in (math.floor, math.ceil))
        found.append(below + (above - below) * (place - math.floor(place)))
    return tuple(found)
