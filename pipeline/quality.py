"""What can be measured on a page before anything is read: sharpness, contrast, noise, blankness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocrq.types import Quality
from pipeline.binarize import MIN_CONTRAST, InkImage, count_tones
from pipeline.image import GrayImage
from pipeline.marks import Overview

_SAMPLE_ROWS = 200  # enough for every figure below, at a tenth of the time
_MARGIN = 0.03  # of each side: shadows, staple holes and torn edges lie there
_MARGIN_WEIGHT = 0.1
#: Ink of letter-sized marks, px at 100 dpi: a digit of 10 pt has 20 to 30.
_BLANK_INK_PX = 15.0
_LETTER_PX = 50


def measure_quality(gray: GrayImage, ink: InkImage, overview: Overview | None = None) -> Quality:
    """Measure a page.

    Sharpness is the step of brightness from a pixel to the next across the edges of the ink, as a
    share of the page's contrast: 1 for a bilevel scan, 0.4 to 0.8 for a good gray one, below 0.2
    out of focus. A page without ink has sharpness and contrast 0 and is blank. Noise is the
    standard deviation of a pixel of paper, from its neighbour: 0 for a bilevel scan, 0.005 to 0.02
    for a scanner, 0.05 for a bad photograph.

    Args:
        gray: (H, W) uint8, 0 = black.
        ink: (H, W) bool, its binarisation.
        overview: of the same ink, where it has been made.
    """
    share = float(np.count_nonzero(ink)) / ink.size
    step = max(1, gray.shape[0] // _SAMPLE_ROWS)
    tones, inked = gray[::step], ink[::step]
    dark = count_tones(tones, inked)
    light = count_tones(tones) - dark
    contrast = 0.0
    if dark.any() and light.any():
        # The scan of a negative has light ink; its contrast is as good.
        contrast = abs(_median(light) - _median(dark))
    return Quality(
        sharpness=_sharpness(tones, inked, contrast) if contrast > 0 else 0.0,
        contrast=contrast / 255,
        ink=share,
        is_blank=is_blank(ink, overview) or contrast < MIN_CONTRAST,
        noise=_noise(tones, inked, contrast),
    )


def is_blank(ink: InkImage, overview: Overview | None = None) -> bool:
    """Whether a page has less ink than one letter, dust left out and margins counted little.

    A page that is all ink is blank too: there is nothing to read on it.

    >>> is_blank(np.zeros((1200, 800), np.bool_))
    True
    """
    overview = overview or Overview.of(ink)
    small, marks = overview.ink, overview.marks
    height, width = small.shape
    if np.count_nonzero(small) > 0.98 * small.size:
        return True
    # At 100 dpi a mark below 3 px is dust, not even a point of 12 pt.
    weights = np.where((marks.area_px >= 6) & (marks.height_px >= 3), 1.0, 0.0)
    # Of a strip the long sides' margin is no wider than that of a sheet of its width.
    margin_x, margin_y = (_MARGIN * min(n, 1.5 * min(height, width)) for n in (width, height))
    x, y = marks.x_px + marks.width_px / 2, marks.y_px + marks.height_px / 2
    is_margin = (np.minimum(x, width - x) < margin_x) | (np.minimum(y, height - y) < margin_y)
    is_frame = (marks.width_px >= 0.95 * width) | (marks.height_px >= 0.95 * height)
    weights[is_margin] *= _MARGIN_WEIGHT
    weights[is_frame] = 0.0
    # A shadow counts no more than a letter, however large it is.
    return float(weights @ np.minimum(marks.area_px, _LETTER_PX)) < _BLANK_INK_PX


def _median(counts: npt.NDArray[np.float64]) -> float:
    """The median of tones that come so often each (256,), as `numpy.median` has it."""
    total = np.cumsum(counts)
    middle = np.searchsorted(total, [(total[-1] - 1) // 2, total[-1] // 2], side="right")
    return float(middle.mean())


def _sharpness(tones: GrayImage, inked: InkImage, contrast: float) -> float:
    flips = inked[:, 1:] != inked[:, :-1]
    if not flips.any():
        return 0.0
    left, right = tones[:, :-1][flips], tones[:, 1:][flips]
    steps = np.maximum(left, right) - np.minimum(left, right)
    return min(float(steps.mean()) / contrast, 1.0)


def _noise(tones: GrayImage, inked: InkImage, contrast: float) -> float:
    """Of pairs of pixels of paper in a row; steps like those of ink are not noise."""
    paper = ~(inked[:, 1:] | inked[:, :-1])
    left, right = tones[:, :-1][paper], tones[:, 1:][paper]
    if not left.size:
        return 0.0
    steps = (np.maximum(left, right) - np.minimum(left, right)).astype(np.float32)
    # Soft edges of letters and print that shows through reach a little way into the paper.
    steps = steps[steps <= max(contrast / 4, MIN_CONTRAST)]
    return float(np.sqrt(np.mean(steps**2) / 2)) / 255 if steps.size else 0.0
