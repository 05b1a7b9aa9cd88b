"""Pages that are light text on dark ground: microfilm, and slides on a sheet of white paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipeline.binarize import MIN_CONTRAST, otsu_threshold, share_of_tones, tone_histogram
from pipeline.image import GrayImage
from pipeline.shrink import shrink

_WORK_SIDE: Final = 800  # px: two lines of text are about 20 high
_OF_CONTRAST: Final = 0.68  # is in windows whose ground is dark
_LIGHT: Final = 192  # tone of paper
_LEAST_SLIDE: Final = 0.5  # of the page
_LIGHT_AROUND: Final = 0.8  # of what is around a slide is paper


def is_negative(gray: GrayImage) -> bool:
    """Whether the page is light text on dark ground (microfilm), judged where there is contrast.

    A dark border or photograph doesn't make a negative: each window of about two lines votes with
    its contrast, and in a window of text the ground has the majority.
    """
    factor = max(1, round(max(gray.shape) / _WORK_SIDE))
    small = shrink(gray, factor, factor)
    side = (max(5, round(max(small.shape) / 40)) | 1,) * 2
    ground = np.ones(side, np.uint8)
    low = cv2.erode(small, ground)
    high = cv2.dilate(small, ground)
    span = cv2.subtract(high, low)
    votes = np.where(span >= 2 * MIN_CONTRAST, span, 0).astype(np.float32)
    total = float(votes.sum())
    if total == 0.0:
        return False
    middle = cv2.addWeighted(high, 0.5, low, 0.5, 0.0)
    dark = np.less(small, middle)
    return float(votes[dark].sum()) > _OF_CONTRAST * total


def as_positive(gray: GrayImage) -> GrayImage:
    """The page as dark print on light paper: itself, or turned round when it is a negative.

    Args:
        gray: (H, W) uint8, 0 = black.
    """
    # A page that is white for the most part is no negative, and most pages are.
    is_light = share_of_tones(gray, _LIGHT, 255) >= 0.5
    return gray if is_light or not is_negative(gray) else turn_negative(gray)


def turn_negative(gray: GrayImage) -> GrayImage:
    """A negative turned round; the white paper around a dark slide stays as it is.

    What is printed on the paper, as a number at its foot, would be light on dark else.

    Args:
        gray: (H, W) uint8, 0 = black, a negative.

    Returns:
        (H, W) uint8, a new array.
    """
    factor = max(1, round(max(gray.shape) / _WORK_SIDE))
    # A median makes one tone of the dots of a screen.
    small = np.asarray(cv2.medianBlur(shrink(gray, factor, factor), 5), np.uint8)
    threshold, _ = otsu_threshold(tone_histogram(small))
    dark = np.less(small, threshold).astype(np.uint8)
    outlines, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    slide = np.zeros_like(dark)
    if outlines:
        hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
        cv2.fillConvexPoly(slide, hull, 1)
    around = slide == 0
    is_slide = slide.mean() >= _LEAST_SLIDE and around.any()
    if not is_slide or (dark[around] == 0).mean() < _LIGHT_AROUND:
        return np.bitwise_not(gray)
    height, width = gray.shape
    inside = cv2.resize(slide, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.bitwise_xor(gray, inside * np.uint8(255)), np.uint8)
