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
from pipeline.quality import measure_quality
from pipeline.seen_page import SeenPage
from pipeline.tones import paper_tone

#: Noise as a share of the contrast of the scan, below which nobody looks closer. Scans of the
#: training files have 0.05 at most.
_NOISY: Final = 0.1
#: The same of the page whose paper is even: 0.096 to 0.19 of print of a third of its contrast,
#: which gains; 0.03 to 0.05 of photographs with a shadow, whose print is darker than it looks.
_GRAINY: Final = 0.093
#: With 1.5 px print of 150 dpi lost half of its words, with 0.7 larger print loses nothing.
_SIGMA_PX: Final = 0.7
_CONTRAST: Final = 0.5


def find_grain(scan: Quality, even: SeenPage) -> Quality | None:
    """The quality of an even page whose noise is near the contrast of its print, or None.

    Args:
        scan: quality of the page as it was scanned.
        even: the page with even paper.
    """
    if scan.noise is None or not scan.noise > _NOISY * scan.contrast > 0:
        return None
    found = measure_quality(even.gray, even.ink, even.overview)
    is_grainy = found.noise is not None and found.noise > _GRAINY * found.contrast > 0
    return found if is_grainy else None


def smooth_grain(gray: GrayImage, quality: Quality) -> GrayImage:
    """The page without its finest detail, its print as dark as that of an ordinary scan.

    Args:
        gray: (H, W) uint8, 0 = black, the paper even.
        quality: of that page (`find_grain`).
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), _SIGMA_PX)
    paper = paper_tone(np.asarray(smooth, np.uint8))
    gain = max(1.0, _CONTRAST / quality.contrast)
    tones = paper - (paper - np.arange(256.0)) * gain
    return np.asarray(cv2.LUT(smooth, np.clip(tones, 0, 255).astype(np.uint8)), np.uint8)
