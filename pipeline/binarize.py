"""Ink or paper: a gray page becomes a bilevel one, by a local or a global threshold."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.percentiles import percentile
from pipeline.tonal_range import tonal_range

InkImage = npt.NDArray[np.bool_]  # (H, W), True = ink
Floats = npt.NDArray[np.float32]
BinarizeMethod = Literal["sauvola", "otsu"]

#: Tones closer than this are one tone: the page shows nothing that could be told from noise.
MIN_CONTRAST = 24
_SAUVOLA_K = 0.2
_INK_DEPTH = 0.52  # ink is at least about half as dark as the ink around it
_DARK = 0.5  # of the brightness of paper
_DARK_CONTRAST = 0.5  # least deviation for each level that a window is darker than that
_FEW_PIXELS = 10  # of the tones that are counted: less is dust
_FAR_TONES = 64  # of ink that is so little from paper; its grain reaches less far
_STRIP_ROWS = 64  # of the grid of thresholds
_EXTREME = 24  # gray levels from 0 or 255 that still count as bilevel (JPEG of a bilevel scan)


def is_bilevel(gray: GrayImage) -> bool:
    """Whether the page was scanned in black and white (a few gray levels of JPEG noise allowed).

    >>> is_bilevel(np.array([[0, 255], [255, 250]], np.uint8))
    True
    """
    return share_of_tones(gray, _EXTREME, 255 - _EXTREME) <= 0.002


def share_of_tones(gray: GrayImage, low: int, high: int) -> float:
    """Share of the pixels with these gray levels, both included; 0 of an empty page.

    >>> share_of_tones(np.array([[0, 9], [10, 255]], np.uint8), 0, 9)
    0.5
    """
    rows = _some_rows(gray)
    # A tenth of what it takes to count all levels.
    return cv2.countNonZero(cv2.inRange(rows, low, high)) / max(rows.size, 1)


def tone_histogram(gray: GrayImage) -> npt.NDArray[np.float64]:
    """(256,) counts of the gray levels, taken from every n-th row of a large page."""
    return count_tones(_some_rows(gray))


def _some_rows(gray: GrayImage) -> GrayImage:
    """Every n-th row: a quarter of a million pixels give every share to a tenth of a per cent."""
    step = max(1, min(gray.size // 500_000, gray.shape[0] // 64))
    return gray[::step]


def count_tones(gray: GrayImage, mask: InkImage | None = None) -> npt.NDArray[np.float64]:
    """(256,) counts of the gray levels of the pixels, or of those where the mask is true.

    >>> count_tones(np.array([[7, 7, 9]], np.uint8))[[7, 8, 9]].tolist()
    [2.0, 0.0, 1.0]
    """
    chosen = None if mask is None else mask.view(np.uint8)
    counts = cv2.calcHist([gray], [0], chosen, [256], [0, 256])
    return np.asarray(counts, np.float64).ravel()


def otsu_threshold(histogram: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The threshold that separates two tones best, and the distance of their means (Otsu 1979).

    Ink is what lies below the threshold. It is the middle of the best gap, so that a page of two
    tones is split half way. A page of one tone gives distance 0.

    >>> histogram = np.zeros(256)
    >>> histogram[[50, 200]] = 10, 90
    >>> otsu_threshold(histogram)
    (125.5, 150.0)
    """
    levels = np.arange(256.0)
    below = np.cumsum(histogram)
    total = below[-1]
    if total == 0:
        return 128.0, 0.0
    moment = np.cumsum(histogram * levels)
    split = (below > 0) & (below < total)
    if not split.any():
        return 128.0, 0.0
    dark = moment / np.maximum(below, 1e-9)
    light = (moment[-1] - moment) / np.maximum(total - below, 1e-9)
    between = np.where(split, below * (total - below) * (light - dark) ** 2, 0.0)
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return float(best.mean() + 1.0), float((light - dark)[best[0]])


def binarize(gray: GrayImage, method: BinarizeMethod = "sauvola") -> InkImage:
    """Which pixels are ink.

    "sauvola" adapts to the surroundings (Sauvola and Pietikäinen 2000), "otsu" is one threshold
    for the page: right and cheaper for what was bilevel before it was rotated. A page that is
    bilevel is never thresholded locally. A page of one tone has no ink.

    Args:
        gray: (H, W) uint8, 0 = black.
        method: the threshold.

    Returns:
        (H, W) bool, True = ink.
    """
    return below(gray, find_levels(gray, method))


def find_levels(gray: GrayImage, method: BinarizeMethod = "sauvola") -> GrayImage:
    """(h, w) uint8 map of the gray levels below which a pixel is ink; see `binarize`.

    The map is smooth, smaller than the page, and a single level where that is right for the page.
    """
    has_two_tones = is_bilevel(gray)
    if method == "otsu" or has_two_tones:
        histogram = tone_histogram(gray)
        threshold, contrast = otsu_threshold(histogram)
        level = 0.0 if contrast < MIN_CONTRAST else min(max(np.ceil(threshold), 0), 255)
        if not level and has_two_tones:
            level = _level_of_few(histogram)
        return np.full((1, 1), level, np.uint8)
    return _sauvola(gray)


def _level_of_few(histogram: npt.NDArray[np.float64]) -> int:
    """The threshold of a white page with so little ink that Otsu parts the paper's grain by tone.

    A page number alone is such ink. 0 where there is none, or where dark is not what is rare.

    >>> histogram = np.zeros(256)
    >>> histogram[[20, 246, 254]] = 40, 200_000, 300_000
    >>> _level_of_few(histogram)
    137
    """
    total = np.cumsum(histogram)
    paper = int(np.searchsorted(total, total[-1] / 2))
    ink = int(np.searchsorted(total, _FEW_PIXELS))
    return math.ceil((paper + ink) / 2) if paper - ink >= _FAR_TONES else 0


def below(gray: GrayImage, levels: GrayImage) -> InkImage:
    """(H, W) bool: which pixels are darker than the map, stretched over the page, says."""
    if levels.size == 1:
        return np.asarray(np.less(gray, levels[0, 0]), np.bool_)
    height, width = gray.shape
    full = np.asarray(cv2.resize(levels, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    # Written into what is not needed any more: a new array of a page costs more than the step.
    ink = full.view(np.bool_)
    np.less(gray, full, out=ink)
    return ink


def _sauvola(gray: GrayImage) -> GrayImage:
    """T = m (1 + k (s / R - 1)) with mean m and deviation s of a window about two lines high.

    Thresholds vary slowly, so they are computed on a grid of 1000 to 1500 pixels a side and
    interpolated: a fifth of the time and a tenth of the memory of doing it for every pixel.
    """
    mean, squares = _window_moments(gray, max(1, round(max(gray.shape) / 1200)))
    largest = tonal_range(np.sqrt(_variance(mean[::4], squares[::4])))
    # Half as bright as paper, cleaned, is only what is far darker: the bed of a scanner, a shadow.
    dark = np.float32(_DARK * percentile(mean[::4], 95.0))
    levels = np.empty(mean.shape, np.uint8)
    # Few rows at a time stay in the processor's cache from step to step.
    for top in range(0, len(mean), _STRIP_ROWS):
        strip = slice(top, top + _STRIP_ROWS)
        variance = _variance(mean[strip], squares[strip])
        deviation = np.sqrt(variance)
        least = np.maximum(_DARK_CONTRAST * (dark - mean[strip]), MIN_CONTRAST / 8)
        levels[strip] = _thresholds(mean[strip], variance, deviation, largest)
        # Without contrast in the window there is no ink, whatever the formula says; and noise in
        # the dark is none: print there has a deviation that is larger the darker the window is.
        levels[strip] *= deviation >= least
    return levels


def _variance(mean: Floats, squares: Floats) -> Floats:
    """(h, w) of windows, by the mean of their pixels and that of the squares of these."""
    variance = np.multiply(mean, mean)
    np.subtract(squares, variance, out=variance)
    return np.maximum(variance, 0.0, out=variance)


def _thresholds(
    mean: Floats, variance: Floats, deviation: Floats, largest: float
) -> npt.NDArray[np.float32]:
    """(h, w) whole gray levels below which a pixel is ink; `mean` and `variance` are used up."""
    threshold = np.multiply(deviation, np.float32(_SAUVOLA_K / largest))
    threshold += 1.0 - _SAUVOLA_K
    threshold *= mean
    # Between bold or dense letters that is nearly the tone of the paper and fills the eye of an e.
    # The mean depth below white, weighted by itself, is the depth of the ink, whatever its share.
    depth = np.subtract(255.0, mean, out=mean)
    variance /= np.maximum(depth, 1.0)
    variance += depth
    variance *= _INK_DEPTH
    limit = np.subtract(255.0, variance, out=variance)
    np.minimum(threshold, limit, out=threshold)
    np.rint(threshold, out=threshold)
    return np.maximum(threshold, 0.0, out=threshold)  # and it is 255 at most, as the limit is


def _window_moments(gray: GrayImage, factor: int) -> tuple[Floats, Floats]:
    """Means of the windows and of their squares, (h, w) each, on a grid of every `factor`-th pixel.

    Of `factor` rows one is looked at, which tells as much as all of them, but all of its pixels.
    """
    step = min(factor, gray.shape[1])
    width = gray.shape[1] // step
    if step == 1:  # nothing to add up, and nothing to round
        rows = gray[::factor]
        squares_16 = np.multiply(rows, rows, dtype=np.uint16)
        return _box_mean(rows), _box_mean(squares_16)
    rows = np.ascontiguousarray(gray[::factor, : width * step])
    total = np.zeros((len(rows), width), np.float32)
    squares = np.zeros_like(total)
    # As channels of an image, the pixels of a block are added without going through them singly.
    for plane in cv2.split(rows.reshape(len(rows), width, step)):
        cv2.accumulate(plane, total)
        cv2.accumulateSquare(plane, squares)
    # Sixteen bits: eight would round the mean by half a level, which is a deviation of 15.
    total *= np.float32(256 / step)
    squares *= np.float32(1 / step)
    mean = _window_mean(total)
    mean /= 256
    return mean, _window_mean(squares)


def _window_mean(values: Floats) -> Floats:
    """The means of the windows around all values, which are rounded to sixteen bits and used up."""
    return _box_mean(np.rint(values, out=values).astype(np.uint16), values)


def _box_mean(
    values: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], into: Floats | None = None
) -> Floats:
    """The means of the windows around all values, (h, w)."""
    side = max(15, round(max(values.shape) / 55)) | 1
    mean = cv2.boxFilter(
        values, cv2.CV_32F, (side, side), dst=into, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(mean, np.float32)
