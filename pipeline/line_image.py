"""How a crop of a text line becomes the picture that the line recogniser reads.

Defined once, for training and for reading: the crop is scaled to a fixed height, its paper
becomes 0 and its ink 255, so that padding with zeros is paper.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.tones import percentile_tones

GrayImage = npt.NDArray[np.uint8]

HEIGHT_PX = 32
#: Columns of the picture for one time step of the network.
STRIDE_PX = 4
MAX_WIDTH_PX = 2048
#: Paper to the right of the widest line of a batch, at least. A line whose last frames see the end
#: of the picture is read by what stands beside it in the batch: 1-3 % of lines changed with their
#: company. From 48 px on none does (docs/decisions/0016).
PAPER_PX = 48
#: Widths are padded to multiples of this, so that a runtime seldom has to plan its memory anew.
WIDTH_STEP_PX = 64


def normalise_line(gray: GrayImage) -> GrayImage:
    """Scale and stretch a line crop.

    Args:
        gray: (H, W) uint8, 0 = ink black; the line with a little air above and below.

    Returns:
        (32, W') uint8, 255 = ink; W' keeps the aspect ratio, from 8 to 2048 px.
    """
    height, width = gray.shape
    scale = HEIGHT_PX / height
    target = int(min(MAX_WIDTH_PX, max(8, round(width * scale))))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(gray, (target, HEIGHT_PX), interpolation=method)
    ink, paper = percentile_tones(np.asarray(scaled, np.uint8), (1.0, 90.0))
    ink = min(ink, paper - 30.0)  # an empty crop stays empty
    tones = (np.float32(paper) - np.arange(256, dtype=np.float32)) * (255.0 / (paper - ink))
    stretched = cv2.LUT(scaled, np.clip(tones, 0, 255).astype(np.uint8))
    return np.asarray(stretched, np.uint8)


def padded_width(widest_px: int, step_px: int = WIDTH_STEP_PX) -> int:
    """Width of a batch whose widest picture has so many columns: a multiple of `step_px`.

    >>> padded_width(16), padded_width(17), padded_width(80), padded_width(17, 16)
    (64, 128, 128, 80)
    """
    return -(-(widest_px + PAPER_PX) // step_px) * step_px
