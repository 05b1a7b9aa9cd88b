"""Letters that are one piece of ink with something large, such as the stroke of a pen across them.

Such a piece is no letter and in no row, so that its letters leave a gap in their line. What was
taken for white there shows whether it is. (At the ends of lines nothing tells a pen's flourish, an
initial or an ornament from words: pictures of lines that reached over them were read worse.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components
from pipeline.layout.row import Row

Flags = npt.NDArray[np.bool_]

_LARGE: Final = 2.0  # row heights of a piece that is no letter of the row
_SPARSE: Final = 0.25  # of its box is ink at most: a stroke, not a picture
_LONGEST: Final = 12.0  # row heights that letters are missed for
_LETTERS: Final = 0.25  # of the columns of a gap have ink where letters are: a rule has less


def is_bridged(found: Components, row: Row, x0_px: int, x1_px: int, most_white: float) -> bool:
    """Whether a gap between letters of a row has letters in it that are fused.

    Args:
        found: the ink of the page.
        row: of the letters on both sides.
        x0_px: where the gap begins.
        x1_px: one behind its end.
        most_white: row heights without ink from which it is a gap all the same.
    """
    if not 0 < x1_px - x0_px <= _LONGEST * row.height:
        return False
    inked = _inked(found, row, x0_px, x1_px)
    if np.mean(inked) < _LETTERS:
        return False
    at = np.flatnonzero(inked)
    white = np.diff(np.concatenate(([-1], at, [len(inked)]))) - 1
    return bool(white.max() <= most_white * row.height)


def _inked(found: Components, row: Row, x0_px: int, x1_px: int) -> Flags:
    """(x1 - x0,) which columns have ink of a large piece in the band of a row."""
    top, bottom = row.band_at((x0_px + x1_px) / 2)
    y0, y1 = max(0, round(top)), max(0, round(bottom))
    window = found.labels[y0:y1, x0_px:x1_px]
    if not window.any():
        return np.zeros(window.shape[1], np.bool_)
    is_large = (found.height >= _LARGE * row.height) & (found.y0 < y1) & (found.y1 > y0)
    is_large &= found.area <= _SPARSE * found.height * found.width
    return np.asarray(np.isin(window, found.label[is_large]).any(axis=0))
