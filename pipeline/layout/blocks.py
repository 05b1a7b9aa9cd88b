"""Rows that stand under each other form blocks; blocks fall into paragraphs; both are ordered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from pipeline.layout.placed import Placed

_FAR: Final = 1.6  # white between two lines of a block, in line heights, that is never too much
_USUAL: Final = 25.0  # percentile of the page's white that is the one between lines of a block
_VERY_FAR: Final = 5.0  # and always too much: lines of a typescript are spaced by 4 at most
_INDENT: Final = 0.7  # in line heights
_SHORT: Final = 3.0  # how much white ends the last line of a paragraph, in line heights


def find_blocks(places: Sequence[Placed]) -> list[list[int]]:
    """Indices of the rows of each block, from top to bottom.

    A row continues the block right above it if it is of like height, not far below, overlaps it
    in x, and no other row stands between or beside either of the two.
    """
    order = sorted(range(len(places)), key=lambda k: places[k].y0)
    pairs = []
    for at, k in enumerate(order):
        row = places[k]
        below = [
            j
            for j in order[at + 1 : at + 60]
            if places[j].overlaps_x(row) and places[j].y0 >= row.y0 + 0.5 * row.height
        ]
        if not below:
            continue
        nearest = below[0]
        beside = [j for j in below[1:] if places[j].y0 < places[nearest].y1]
        if beside or not _are_alike(row, places[nearest]):
            continue
        middle = row.y0 + 0.5 * row.height
        has_other_above = any(
            places[j].overlaps_x(places[nearest]) and places[j].y1 > middle
            for j in (*order[max(0, at - 20) : at], *order[at + 1 : at + 60])
            if j != nearest and places[j].y0 < places[nearest].y0
        )
        if not has_other_above:
            pairs.append((k, nearest))
    white = [_white(places[k], places[nearest]) for k, nearest in pairs]
    far = _far(white)
    followers: dict[int, int] = {}
    leaders: dict[int, int] = {}
    for (k, nearest), between in zip(pairs, white, strict=True):
        if between <= far and nearest not in leaders:
            followers[k], leaders[nearest] = nearest, k
    blocks = []
    for k in order:
        if k in leaders:
            continue
        block = [k]
        while block[-1] in followers:
            block.append(followers[block[-1]])
        blocks.append(block)
    return blocks


def _are_alike(upper: Placed, lower: Placed) -> bool:
    low, high = sorted((upper.height, lower.height))
    return high <= 1.7 * low


def _white(upper: Placed, lower: Placed) -> float:
    """White between two rows, in line heights."""
    return (lower.y0 - upper.y1 - 2) / max(upper.height, lower.height)


def _far(white: Sequence[float]) -> float:
    """The most white between lines of a block: printers and typists space lines differently.

    >>> round(_far([1.9, 1.9, 2.0, 2.0, 4.1]), 2), _far([0.9, 0.9, 1.0]), _far([])
    (2.58, 1.6, 1.6)
    """
    if not white:
        return _FAR
    usual = float(np.percentile(white, _USUAL))
    return min(max(_FAR, 1.2 * usual + 0.3), _VERY_FAR)


def split_paragraphs(places: Sequence[Placed], block: Sequence[int]) -> list[list[int]]:
    """The paragraphs of a block: after extra white, or before an indented line of a flush block."""
    if len(block) < 2:
        return [list(block)]
    rows = [places[k] for k in block]
    height = float(np.median([r.height for r in rows]))
    pitch = [b.y0 - a.y0 for a, b in pairwise(rows)]
    usual = float(np.median(pitch))
    left = float(np.percentile([r.x0 for r in rows], 25))
    right = float(np.percentile([r.x1 for r in rows], 75))
    flush = np.mean([abs(r.x0 - left) <= _INDENT * height for r in rows]) >= 0.5
    paragraphs = [[block[0]]]
    for k, upper, lower, step in zip(block[1:], rows, rows[1:], pitch, strict=False):
        indented = lower.x0 - left > _INDENT * height
        was_indented = upper.x0 - left > _INDENT * height
        ended = right - upper.x1 > _SHORT * height
        starts = step > 1.3 * usual + 2 or (
            flush and len(block) > 3 and indented and (ended or not was_indented)
        )
        if starts:
            paragraphs.append([])
        paragraphs[-1].append(k)
    return paragraphs
