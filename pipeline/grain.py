"""Faint print in the noise of a scanner: letters that a threshold would tear to crumbs.

Where the paper's noise is a tenth of the contrast of the print and more, strokes are broken by it
and letters have no height any more that a line could be found by. Such pages are smoothed first;
the recogniser sees strokes several pixels wide in a picture of 32 rows and loses nothing.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocrq.types import Quality
from pipeline.image import GrayImage
from pipeline.tones import paper_tone

#: Noise as a share of the contrast. Scans of the training files have 0.05 at most.
_GRAINY: Final = 0.1
_SIGMA_PX: Final = 1.5
_CONTRAST: Final = 0.5


def is_grainy(quality: Quality) -> bool:
    """Whether a page's noise is near the contrast of its print."""
    return quality.noise is not None and quality.noise > _GRAINY * quality.contrast > 0


def smooth_grain(gray: GrayImage, quality: Quality) -> GrayImage:
    """The page without its finest detail, its print as dark as that of an ordinary scan.

    Args:
        gray: (H, W) uint8, 0 = black, the paper even.
        quality: of the page; its contrast is above 0.
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), _SIGMA_PX)
    paper = paper_tone(np.asarray(smooth, np.uint8))
    gain = max(1.0, _CONTRAST / quality.contrast)
    tones = paper - (paper - np.arange(256.0)) * gain
    return np.asarray(cv2.LUT(smooth, np.clip(tones, 0, 255).astype(np.uint8)), np.uint8)
