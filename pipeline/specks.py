"""Takes the specks out of a dirty page; dots of i, full stops and accents stay."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.layout.components import Components
from pipeline.tones import paper_tone

#: A full stop has about 0.03 squared letter heights of ink, a worn one a third of that.
_SPECK: Final = 0.008
_WORN: Final = 0.01
#: Specks for each letter from which a page is dirty; paper of a good scan has below 0.1.
_DIRTY: Final = 0.5
#: One pixel is always a speck, but on small print it may be a full stop as well.
_LEAST_AREA: Final = 1.5
#: On a poster whole letters of small type would be specks: pixels of those of 8 pt at 300 dpi are
#: from so many on, and of their dots; and so many pieces are such letters.
_LETTER_AREA: Final = 30.0
_DOT_AREA: Final = 12.0
_LEAST_LETTERS: Final = 20


def remove_specks(
    gray: GrayImage, ink: InkImage, found: Components, text_height_px: float, letters: int
) -> tuple[GrayImage, InkImage] | None:
    """The page without ink too small to be a mark; None when it is clean, or its print too small.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned.
        ink: (H, W) bool, its binarisation.
        found: the components of the ink.
        text_height_px: of a typical letter.
        letters: how many components are likely letters.
    """
    if _WORN * text_height_px**2 < _LEAST_AREA:
        return None
    limit = max(_LEAST_AREA, _SPECK * text_height_px**2)
    small = (found.area >= _LETTER_AREA) & (found.area < limit)
    speck = found.area < (limit if np.count_nonzero(small) < _LEAST_LETTERS else _DOT_AREA)
    if np.count_nonzero(speck) < max(_DIRTY * letters, 50):
        return None
    table = np.zeros(found.highest + 1, np.bool_)
    table[found.label[speck]] = True
    gone = table[found.labels]
    paper = np.uint8(paper_tone(gray))
    return np.where(gone, paper, gray), ink & ~gone
