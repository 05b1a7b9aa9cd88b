"""Whether faint writing is on this side of a sheet: what shows from the back is mirrored.

A soft pencil all over a form looks like print that shows through: as faint, as soft, as many
letters. It differs in one thing, and a recogniser sees it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocrq.types import PageOptions
from pipeline.binarize import binarize
from pipeline.engines.engine import Engine
from pipeline.image import GrayImage
from pipeline.orient_text import read_some
from pipeline.tones import paper_tone, percentile_tones

#: So much more surely than mirrored it must be read to be of this side.
_LEAD: Final = 0.05
_LEAST_CHARS: Final = 8
#: Of the depth of print: a soft pencil has a quarter, the sheet that lies below 0.06 to 0.12.
_LEAST_DEPTH: Final = 0.14
#: Percentile of the depths of what is looked at, paper among it: that of its strokes.
_STROKES: Final = 99.0
_STROKE_DEPTH: Final = 160.0  # grey levels that they are brought to


def darken_this_side(
    gray: GrayImage, cleared: GrayImage, print_depth: float, options: PageOptions, engine: Engine
) -> GrayImage | None:
    """The page with what it was freed of made dark, where that is writing of this side.

    Args:
        gray: (H, W) uint8, 0 = black.
        cleared: the same without what is taken for the back.
        print_depth: grey levels of the page's print below its paper.
        options: for the engine.
        engine: reads at most eight lines each way.

    Returns:
        None where it does not read clearly better as it stands than mirrored, or is so faint that
        it is of another sheet: what lies below a thin one shows, too, and is not mirrored.
    """
    taken = gray != cleared
    if not taken.any():
        return None
    # In bytes and by a table of tones: the page in floats would take eight times its memory.
    depth = cv2.subtract(np.full_like(gray, round(paper_tone(gray))), gray)
    depth[~taken] = 0
    (stroke,) = percentile_tones(depth[taken], (_STROKES,))
    if stroke < _LEAST_DEPTH * print_depth:
        return None
    tones = 255 - np.clip(np.arange(256) * (_STROKE_DEPTH / max(stroke, 1.0)), 0, 255)
    alone = np.asarray(cv2.LUT(depth, tones.astype(np.uint8)), np.uint8)
    straight, count = read_some(alone, binarize(alone), options, engine)
    if count < _LEAST_CHARS:
        return None
    mirrored = np.ascontiguousarray(alone[:, ::-1])
    if straight <= read_some(mirrored, binarize(mirrored), options, engine)[0] + _LEAD:
        return None
    return np.minimum(gray, alone)
