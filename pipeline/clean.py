"""Even paper and full contrast: what photographs and old paper need before they are read."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import (
    is_bilevel,
    otsu_threshold,
    tone_histogram,
)
from pipeline.image import GrayImage
from pipeline.negative import as_positive
from pipeline.reversed_print import turn_reversed
from pipeline.shrink import shrink
from pipeline.tones import percentile_tones

#: Gray levels between paper and ink of a faint page, after normalisation. Local contrast helps
#: below 35 (drawn pages: F1 of the ink 0.60 without, 0.90 with, at 26) and harms above.
_FAINT_CONTRAST = (10.0, 35.0)
_FAINT_INK = 0.2  # of the page at most; noise has more of its tones on the dark side
#: The background may not be brightened more than this: a dark table stays dark.
_MAX_GAIN = 4.0


def clean_page(gray: GrayImage) -> GrayImage:
    """The page as dark ink on even white paper, by as little work as it needs.

    A bilevel scan comes back as it is (the same array), or inverted when it is a negative
    (`pipeline.negative`). Light print on dark bands is turned round (`pipeline.reversed_print`).
    Other pages get an even background, and local contrast when they are faint.

    Args:
        gray: (H, W) uint8, 0 = black.

    Returns:
        (H, W) uint8, paper near 255; may be the input itself.
    """
    turned = turn_reversed(as_positive(gray))
    if is_bilevel(turned):
        return turned
    cleaned = _evened(turned)
    return clahe(cleaned) if _is_faint(cleaned) else cleaned


def clean_background(gray: GrayImage) -> GrayImage:
    """Divide by the brightness of the paper, so that shadows and stains vanish.

    The paper is what a closing leaves: everything narrower than about 1/40 of the page (strokes
    of text) is filled with its lighter surroundings. A bilevel page is returned as it is.

    Args:
        gray: (H, W) uint8, 0 = black.

    Returns:
        (H, W) uint8, paper at 255; may be the input itself.
    """
    return gray if is_bilevel(gray) else _evened(gray)


def _evened(gray: GrayImage) -> GrayImage:
    """The same of a page with more than two tones."""
    height, width = gray.shape
    paper = _paper_brightness(gray)
    # Scans with white paper need nothing, and dividing would only brighten their shadows.
    if paper.min() >= 250:
        return gray
    floor = max(percentile_tones(paper, (90.0,))[0] / _MAX_GAIN, 1.0)
    paper = np.maximum(paper, np.uint8(floor))
    full = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    # Into what is not needed any more: a new array of a page costs as much as dividing.
    return np.asarray(cv2.divide(gray, full, dst=full, scale=255), np.uint8)


def clahe(gray: GrayImage, clip_limit: float = 2.0) -> GrayImage:
    """Local contrast by limited adaptive histogram equalisation (Zuiderveld 1994), 8 x 8 tiles.

    It brings out faint strokes and paper noise alike; only for pages without contrast.
    """
    if min(gray.shape) < 8:
        return gray
    equaliser = cv2.createCLAHE(clipLimit=clip_limit, tileGridSize=(8, 8))
    return np.asarray(equaliser.apply(gray), np.uint8)


def _is_faint(cleaned: GrayImage) -> bool:
    histogram = tone_histogram(cleaned)
    threshold, contrast = otsu_threshold(histogram)
    ink = histogram[: math.ceil(threshold)].sum() / histogram.sum()
    low, high = _FAINT_CONTRAST
    return bool(low <= contrast < high and ink <= _FAINT_INK)


def _paper_brightness(gray: GrayImage) -> npt.NDArray[np.uint8]:
    """(h, w) uint8 map of the paper's brightness, about 600 pixels at its longer side."""
    factor = max(1, round(max(gray.shape) / 600))
    small = shrink(gray, factor, factor)
    side = max(9, round(max(small.shape) / 40)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # The medians keep single light and dark specks from becoming discs of paper.
    calm = cv2.medianBlur(small, 3)
    paper = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, disc, borderType=cv2.BORDER_REPLICATE)
    # A map so smooth keeps all it says at half of its size.
    paper = cv2.medianBlur(shrink(np.asarray(paper, np.uint8), 2, 2), side // 2 | 1)
    paper = cv2.resize(paper, small.shape[::-1], interpolation=cv2.INTER_LINEAR)
    paper = cv2.GaussianBlur(paper, (side, side), 0, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(paper, np.uint8)
