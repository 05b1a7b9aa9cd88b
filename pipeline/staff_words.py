"""Words between the lines of a table are near each other as notes of a staff are not."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.layout.chains import chain_letters
from pipeline.layout.components import Components, Flags, find_components, sort_components
from pipeline.staves import Staff

Indices = npt.NDArray[np.intp]

_WORD_GAP: Final = 0.45  # letter heights between letters of a word
_LEAST_CHAIN: Final = 4  # pieces beside each other; flats and sharps before a time are three
_LEAST_LETTERS: Final = 8
#: Of the pieces between the lines are in words: of 49 staves 0.32 at most, of a table nearly all.
_LEAST_SHARE: Final = 0.5
_LINE: Final = 0.2  # spaces around a line are taken for it


def are_close(found: Components, chain: Indices, text_height_px: float) -> Flags:
    """Which pieces of a chain have another right beside them, as letters of a word have."""
    gap = found.x0[chain[1:]] - found.x1[chain[:-1]] <= _WORD_GAP * text_height_px
    close: Flags = np.append(gap, False) | np.append(False, gap)
    return close


def holds_words(ink: InkImage, staff: Staff, text_height_px: float) -> bool:
    """Whether five rules are those of a table, or ruled paper with words on it.

    Args:
        ink: (H, W) bool, True = ink.
        staff: five rules on that page.
        text_height_px: of a typical letter.
    """
    pieces = letters = 0
    for x0, x1 in staff.spans:
        found = find_components(_between_lines(ink, staff, x0, x1))
        body = sort_components(found, text_height_px).body
        pieces += len(body)
        for chain in chain_letters(found, body, text_height_px):
            if len(chain) >= _LEAST_CHAIN:
                letters += int(are_close(found, chain, text_height_px).sum())
    return letters >= _LEAST_LETTERS and letters >= _LEAST_SHARE * pieces


def _between_lines(ink: InkImage, staff: Staff, x0: int, x1: int) -> InkImage:
    """What stands between the uppermost and the lowest line, without the lines."""
    top, space = staff.top[x0:x1], staff.space[x0:x1]
    y0, y1 = max(0, int(top.min())), min(len(ink), int(staff.bottom[x0:x1].max()) + 1)
    y = np.arange(y0, y1)[:, np.newaxis]
    line = (y - top) / space
    is_beyond = (y < top) | (y > staff.bottom[x0:x1])
    is_line = (np.abs(line - np.round(line)) <= _LINE) | is_beyond
    return np.asarray(ink[y0:y1, x0:x1] & ~is_line)
