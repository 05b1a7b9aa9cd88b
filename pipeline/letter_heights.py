"""How high the letters of lines are, and whether those of one height are small ones or capitals.

A line of mixed letters shows its x-height and its cap height. `sows` and `SOWS` show one height
each, and cut out alone their pictures are the same: the lines beside them tell which it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.engines.engine import LetterSize
from pipeline.layout.components import Components, Floats
from pipeline.layout.row import Row, median

Indices = npt.NDArray[np.intp]

#: Cap height over x-height where a line does not show it (median of Latin book faces).
USUAL_CAP: Final = 1.42
#: Letters of one height differ by less: round ones reach over the line.
_ONE_HEIGHT: Final = 1.17
#: Heights of like letters in lines of one size differ by less.
_ALIKE: Final = 1.12
#: A letter has at least this share of its row's height.
_LOWEST: Final = 0.45
#: So many lines nearby must agree where neither the row nor the paragraph tells.
_WITNESSES: Final = 3
#: Of so many before and behind.
_NEAR: Final = 20
_SIZES: Final[dict[int, LetterSize | None]] = {1: "small", -1: "capital", 0: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """Heights of letters above the baseline in pixels, as far as a line shows them."""

    x_px: float
    cap_px: float
    is_sure: bool  # both kinds of height were seen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PieceHeights:
    """A piece of a row as it is read, where it stands, and how high its letters are."""

    row: Row
    line: int  # number of the whole row, from 1
    paragraph: int
    heights: Heights


def letter_heights(found: Components, row: Row) -> Heights:
    """x-height and cap height of a row, from the tops of the letters that stand on its baseline."""
    x = (found.x0[row.members] + found.x1[row.members]) / 2.0
    above = row.bottom + row.slope * x - found.y0[row.members]
    below = found.y1[row.members] - row.bottom - row.slope * x
    letters = (above >= 0.55 * row.height) & (below > -0.2 * row.height)
    tops = np.sort(above[letters])
    tops = tops[tops <= 2.6 * row.height]
    if len(tops) < 2:
        height = max(row.height, 1.0)
        return Heights(x_px=height, cap_px=height, is_sure=False)
    low, high, share = _two_means(tops)
    if 1.17 * low <= high <= 2.0 * low and 0.08 <= share <= 0.97 and len(tops) >= 5:
        return Heights(x_px=low, cap_px=high, is_sure=True)
    middle = median(tops)
    return Heights(x_px=middle, cap_px=middle, is_sure=False)


def _two_means(values: Floats) -> tuple[float, float, float]:
    """Medians of the two groups of sorted values that differ most, and the share of the lower."""
    count = np.arange(1, len(values))
    sums = np.cumsum(values)
    low, high = sums[:-1] / count, (sums[-1] - sums[:-1]) / (len(values) - count)
    cut = int(np.argmax(count * (len(values) - count) * (high - low) ** 2)) + 1
    return median(values[:cut]), median(values[cut:]), cut / len(values)


def settled(heights: Sequence[Heights]) -> list[Heights]:
    """Lines that show one height only take its meaning from the nearest lines that show both."""
    sure = [(k, h) for k, h in enumerate(heights) if h.is_sure]
    found = []
    for k, h in enumerate(heights):
        if h.is_sure:
            found.append(h)
            continue
        like = [
            (abs(j - k), s)
            for j, s in sure
            if 0.88 <= h.x_px / s.x_px <= 1.12 or 0.88 <= h.x_px / s.cap_px <= 1.12
        ]
        if like:
            found.append(replace(min(like, key=lambda p: p[0])[1], is_sure=False))
        else:
            # Capitals or digits: a line of letters without ascenders is rare.
            found.append(Heights(x_px=h.x_px / USUAL_CAP, cap_px=h.x_px, is_sure=False))
    return found


def size_of_letters(
    found: Components, pieces: Sequence[PieceHeights], rows: Sequence[Row]
) -> list[LetterSize | None]:
    """What pieces whose letters are all of one height hold: small letters, or capitals and digits.

    The rest of the row tells it, or the paragraph, or the three nearest lines that have letters so
    high; where these show letters of both heights and agree.

    Args:
        found: components of the page.
        pieces: in reading order.
        rows: the whole rows; that of a piece is `rows[piece.line - 1]`.

    Returns:
        One answer a piece; None where the piece shows both heights itself, or nobody knows.
    """
    sure = np.array([k for k, p in enumerate(pieces) if p.heights.is_sure], np.intp)
    shown = np.array([_both(pieces[k].heights) for k in sure.tolist()]).reshape(-1, 2)
    paragraph_of = np.array([pieces[k].paragraph for k in sure.tolist()], np.intp)
    of_paragraphs = {n: shown[paragraph_of == n] for n in np.unique(paragraph_of).tolist()}
    parted = {p.line for p, q in pairwise(pieces) if p.line == q.line}
    of_rows = {line: letter_heights(found, rows[line - 1]) for line in parted}

    def said_of(k: int, height_px: float) -> Indices:
        whole = of_rows.get(pieces[k].line)
        if whole is not None and whole.is_sure:
            return _as_high(height_px, np.array([_both(whole)]))
        own = of_paragraphs.get(pieces[k].paragraph)
        if own is not None:
            return _as_high(height_px, own)
        here = int(np.searchsorted(sure, k))
        near = slice(max(0, here - _NEAR), here + _NEAR)
        order = np.argsort(np.abs(sure[near] - k), kind="stable")
        said = _as_high(height_px, shown[near][order])
        return np.asarray(said[said != 0][:_WITNESSES], np.intp)

    sizes: list[LetterSize | None] = []
    for k, piece in enumerate(pieces):
        height_px = 0.0 if piece.heights.is_sure else _one_height_px(found, piece.row)
        said = set(said_of(k, height_px).tolist()) if height_px else set()
        sizes.append(_SIZES[said.pop()] if len(said) == 1 else None)
    return sizes


def _both(heights: Heights) -> tuple[float, float]:
    return heights.x_px, heights.cap_px


def _one_height_px(found: Components, row: Row) -> float:
    """Height of a row's letters above the baseline; 0 where they differ or there are none."""
    members = row.members
    x = (found.x0[members] + found.x1[members]) / 2.0
    baseline = row.bottom + row.slope * x
    above, below = baseline - found.y0[members], found.y1[members] - baseline
    tops = above[(above >= _LOWEST * row.height) & (below > -0.2 * row.height)]
    if not len(tops) or tops.max() > _ONE_HEIGHT * tops.min():
        return 0.0
    return median(np.sort(tops))


def _as_high(height_px: float, shown: Floats) -> Indices:
    """(N,) which letters of other lines are as high: 1 the small ones, -1 the capitals, 0 unknown.

    Args:
        height_px: of the letters in question.
        shown: (N, 2) x-heights and cap heights of lines that show both.
    """
    ratio = height_px / shown
    is_alike = (ratio >= 1 / _ALIKE) & (ratio <= _ALIKE)
    return np.asarray(is_alike[:, 0].astype(np.intp) - is_alike[:, 1], np.intp)
