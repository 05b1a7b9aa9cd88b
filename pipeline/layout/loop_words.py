"""Words whose letters are part of a thin long stroke: where they are, and how they are cut off.

In the band of a row a stroke that passes has little ink in each column, or is narrower than a
letter.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.layout.components import Components, Flags, Piece
from pipeline.layout.row import Row

_REACH: Final = 20.0  # heights of the row between its ends and a letter that comes free
_INK: Final = 0.28  # of a column's height in the band: a letter's
_GAP: Final = 0.6  # row heights: columns nearer than that are one word's, as both sides of an O
_NARROWEST: Final = 0.4  # row heights: the stroke itself is narrower
_WORD_INK: Final = 0.34  # of a word's box; a slanting stroke has less
_TALLEST: Final = 85  # percentile of letters' tops and feet that is a row's reach over its band
_MOST_OVER: Final = 0.6  # row heights
_LEAST_STROKES: Final = 1.25  # side by side; the end of a loop is one
_HIGH: Final = 0.6  # of the band's height; a dash and the foot of a curve are lower


def words_across(found: Components, k: int, row: Row) -> list[tuple[int, int]]:
    """Where letters of a row are part of a stroke: left and right end, px."""
    reach = _REACH * row.height
    x0, x1 = max(int(found.x0[k]), int(row.x0 - reach)), min(int(found.x1[k]), int(row.x1 + reach))
    if x0 >= x1:
        return []
    top, bottom = row.band_at((x0 + x1) / 2)
    if top >= found.y1[k] or bottom <= found.y0[k]:
        return []
    _, band = _band(found, k, row, x0, x1)
    columns = band.sum(axis=0)
    is_inky = np.pad(columns >= _INK * row.height, 1).astype(np.int8)
    edges = np.flatnonzero(np.diff(is_inky))
    words: list[list[int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if words and start - words[-1][1] <= _GAP * row.height:
            words[-1][1] = end
        else:
            words.append([start, end])
    return [
        (x0 + start, x0 + end)
        for start, end in words
        if end - start >= _NARROWEST * row.height
        and columns[start:end].mean() >= _WORD_INK * row.height
        and _strokes_across(band[:, start:end]) >= _LEAST_STROKES
    ]


def _strokes_across(word: Flags) -> float:
    """How often ink begins in a line of pixels, the mean of those with ink: of one stroke once."""
    begins = word & ~np.pad(word, ((0, 0), (1, 0)))[:, :-1]
    inky = int(word.any(axis=1).sum())
    return float(begins.sum()) / max(inky, 1)


def _band(
    found: Components, k: int, row: Row, x0: int, x1: int, above: float = 0.0, below: float = 0.0
) -> tuple[int, Flags]:
    """The ink of a component in the band of a row, and the line of pixels that it begins at.

    The band may be taken larger, by so many heights of the row.
    """
    tops_bottoms = [y for x in (x0, x1) for y in row.band_at(x)]
    y0 = max(0, int(min(tops_bottoms) - above * row.height))
    y1 = min(found.labels.shape[0], int(max(tops_bottoms) + below * row.height) + 1)
    x = np.arange(x0, x1)
    y = np.arange(y0, y1)[:, None]
    top = row.top + row.slope * x
    first, last = top - above * row.height - 1, top + (1 + below) * row.height + 1
    band: Flags = (found.labels[y0:y1, x0:x1] == found.label[k]) & (y >= first) & (y <= last)
    return y0, band


def cut_word(found: Components, k: int, row: Row, x0: int, x1: int, label: int) -> Piece | None:
    """Give the ink of a word in the band of its row a label of its own."""
    # Capitals and digits stand over the band of small letters, and some letters hang below.
    at = row.slope * (found.x0[row.members] + found.x1[row.members]) / 2
    reach = (row.top + at - found.y0[row.members], found.y1[row.members] - row.bottom - at)
    above, below = (
        float(np.clip(np.percentile(over, _TALLEST) / row.height, 0, _MOST_OVER)) for over in reach
    )
    top, band = _band(found, k, row, x0, x1, above, below)
    lines, columns = np.flatnonzero(band.any(axis=1)), np.flatnonzero(band.any(axis=0))
    if not len(lines) or lines[-1] + 1 - lines[0] < _HIGH * row.height:
        return None
    found.labels[top : top + len(band), x0:x1][band] = label
    found.area[k] -= int(band.sum())
    return (
        label,
        x0 + int(columns[0]),
        top + int(lines[0]),
        x0 + int(columns[-1]) + 1,
        top + int(lines[-1]) + 1,
        int(band.sum()),
    )
