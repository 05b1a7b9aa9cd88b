"""Which faint pieces of ink are letters: those in line with dark print, or in rows of their own.

What shows of the back of the sheet lies anyhow to the front's rows; stains and a fine ground make
no rows. A page on which most of what is faint is in rows has faded; then rows without any dark
letter are print, too, where no dark print is in their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.chains import Indices, chain_letters
from pipeline.layout.components import Components
from pipeline.layout.row import Row, make_row

Flags = npt.NDArray[np.bool_]
Found = list[tuple[Row, Indices]]  # letters of rows

_LEAST_DARK: Final = 2  # letters of a row that show where it stands
_OFF_LINE: Final = 0.2  # row heights of a letter's feet from the row's
_ALIKE: Final = (0.7, 1.6)  # row heights of a letter
_WIDEST: Final = 5.0  # the letters of a word may touch
_LEAST_FILL: Final = 0.2  # of a letter's box is ink
_NEAR: Final = 0.8  # row heights between letters of a word
_LEAST_FOUND: Final = 4  # letters on a page: fewer are stains that happen to stand in line
_LEAST_ALONE: Final = 5  # letters of a row without dark ones
_IN_LINE: Final = 0.8  # of such a row's pieces are letters
_HEIGHTS: Final = (0.6, 1.8)  # letter heights of such a row
_FREE: Final = 0.2  # row heights above and below it without dark print
_FREE_BESIDE: Final = 2.0
_FADED: Final = 0.6  # of what is faint is in rows, on a page that faded


def faint_letters(found: Components, is_faint: Flags, is_dark: Flags, letter_px: float) -> Found:
    """Faint letters, each with the row that it stands in.

    Args:
        found: pieces of ink, faint and dark.
        is_faint: (N,) which could be faint letters.
        is_dark: (N,) which are letters that a threshold finds.
        letter_px: height of a typical letter.
    """
    if np.count_nonzero(is_faint) < _LEAST_FOUND:
        return []
    level = _level_with(found, is_faint, round(letter_px))
    chains = chain_letters(found, np.flatnonzero(is_faint | (is_dark & level)), letter_px)
    parts = [(chain, chain[is_dark[chain]], chain[is_faint[chain]]) for chain in chains]
    rows = [make_row(found, dark, 0.0) for _, dark, _ in parts if len(dark) >= _LEAST_DARK]
    beside: Found = []
    alone: Found = []
    for chain, dark, faint in parts:
        if not len(faint):
            continue
        row = make_row(found, dark, 0.0) if len(dark) >= _LEAST_DARK else _level(found, faint, rows)
        if row is not None:
            beside.append((row, faint[_are_letters(found, faint, chain, row)]))
        elif len(faint) >= _LEAST_ALONE:
            row = make_row(found, faint, 0.0)
            letters = faint[_are_letters(found, faint, chain, row)]
            if len(letters) >= _IN_LINE * len(faint) and _is_free(found, row, is_dark, letter_px):
                alone.append((row, letters))
    both = [*beside, *alone]
    has_faded = sum(len(k) for _, k in both) >= _FADED * np.count_nonzero(is_faint)
    rows_found = both if has_faded else beside
    return rows_found if sum(len(k) for _, k in rows_found) >= _LEAST_FOUND else []


def _level_with(found: Components, is_faint: Flags, reach_px: int) -> Flags:
    """Which pieces have their middle where faint ones are, or so near above or below."""
    steps = np.zeros(found.labels.shape[0] + 1, np.int32)
    np.add.at(steps, np.maximum(found.y0[is_faint] - reach_px, 0), 1)
    np.add.at(steps, np.minimum(found.y1[is_faint] + reach_px, len(steps) - 1), -1)
    level: Flags = (np.cumsum(steps) > 0)[(found.y0 + found.y1) // 2]
    return level


def _level(found: Components, faint: Indices, rows: Sequence[Row]) -> Row | None:
    """The row of dark letters, at any distance, that faint ones stand in line with."""
    x = (found.x0[faint].min() + found.x1[faint].max()) / 2
    foot, height = float(np.median(found.y1[faint])), float(np.median(found.height[faint]))
    for row in rows:
        if (
            abs(row.band_at(x)[1] - foot) <= _OFF_LINE * row.height
            and _ALIKE[0] <= height / row.height <= _ALIKE[1]
        ):
            return row
    return None


def _is_free(found: Components, row: Row, is_dark: Flags, letter_px: float) -> bool:
    """Whether a row is as high as print, and has white paper around."""
    if not _HEIGHTS[0] <= row.height / letter_px <= _HEIGHTS[1]:
        return False
    top, bottom = row.band_at((row.x0 + row.x1) / 2)
    over, beside = _FREE * row.height, _FREE_BESIDE * row.height
    near = (
        is_dark
        & (found.y1 > top - over)
        & (found.y0 < bottom + over)
        & (found.x1 > row.x0 - beside)
        & (found.x0 < row.x1 + beside)
    )
    return not near.any()


def _are_letters(found: Components, faint: Indices, chain: Indices, row: Row) -> Flags:
    """Which pieces stand on the row's line, are like letters, and near others of the chain."""
    x = (found.x0[faint] + found.x1[faint]) / 2.0
    off = np.abs(found.y1[faint] - row.bottom - row.slope * x)
    height, width = found.height[faint], found.width[faint]
    gap = np.maximum(
        found.x0[chain][None] - found.x1[faint][:, None],
        found.x0[faint][:, None] - found.x1[chain][None],
    )
    gap = np.where(faint[:, None] == chain[None], np.iinfo(np.int32).max, gap)
    are: Flags = (
        (off <= _OFF_LINE * row.height)
        & (height >= _ALIKE[0] * row.height)
        & (height <= _ALIKE[1] * row.height)
        & (width <= _WIDEST * row.height)
        & (found.area[faint] >= _LEAST_FILL * height * width)
        & (gap.min(axis=1) <= _NEAR * row.height)
    )
    return are
