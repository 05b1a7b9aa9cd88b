"""The ink beyond the sides of a sheet is grain of a table, or another leaf's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags, Floats
from pipeline.layout.pictures import is_steady
from pipeline.layout.plates import is_clear
from pipeline.layout.row import Row, make_rows
from pipeline.layout.rows import join_near
from pipeline.layout.sheet_sides import Side
from pipeline.rotation import PageMapping

if TYPE_CHECKING:
    from pipeline.layout.page import Pieces

Indices = npt.NDArray[np.intp]

_LINE: Final = 6  # letters of a line within the sheet
_MOST_CROSSING: Final = 0.1  # of the lines have letters beyond, too; grain is seldom so near
_WORD: Final = 4  # letters; less is grain
_NUMBER: Final = 2  # digits of a page's number, on a tint without grain
_MOST_WORDS: Final = 0.5  # of the letters there are in words
_MARKS: Final = 0.7  # of a row's height above and below it, where accents and commas are
_OFF: Final = 0.4  # letter heights of white between the side and a letter
_CLEAR: Final = 0.5  # of a word's letters have so much
_LEAST_WHOLE: Final = 5  # lines beyond a side that the edge of the scan doesn't cut
_MOST_WHOLE: Final = 0.7  # of what is as long as a word there; grain is none, a leaf is cut
_AT_EDGE: Final = 1.7  # letter heights from the middle of the outermost letter to the scan's edge


def set_beyond_apart(
    pieces: Pieces, sides: Sequence[Side], mapping: PageMapping, letter_px: float
) -> Pieces:
    """The pieces of a page without those beyond the sides of its sheet.

    A band that is tinted to the edge of the scan has a side, too, but whole lines on it, or lines
    that cross the side. Words beyond the left or right side are read apart from the text; those
    above and below it may be a title on such a band, and stay.

    Args:
        pieces: of the page.
        sides: of the sheet, on the upright scan.
        mapping: from that scan.
        letter_px: height of a typical letter on that scan.
    """
    found, kinds = pieces.found, pieces.kinds
    if kinds is None or not sides or not pieces.chains:
        return pieces
    middle = np.column_stack([(found.x0 + found.x1) / 2.0, (found.y0 + found.y1) / 2.0])
    upright = mapping.to_upright_points(middle)
    half_px = found.height * (letter_px / pieces.text_height_px / 2)
    beyond = np.zeros(len(found), np.bool_)
    apart: list[Row] = []
    for side in sides:
        depth = side.depth_px(upright)
        flags = depth > 0
        parts = [part for chain in pieces.chains if len(part := chain[flags[chain]])]
        # What is read along a side is its shadow.
        clear = depth - half_px >= _OFF * letter_px
        rows = join_near(found, make_rows(found, parts))
        words = [r for r in rows if _is_word(found, r) and clear[r.members].mean() >= _CLEAR]
        if side.edge in ("top", "bottom"):
            flags = _without_titles(pieces, flags, words)
        else:
            long = [row for row in words if len(row.members) >= _WORD]
            pieces_of_lines = sum(len(row.members) >= _WORD for row in rows)
            if _are_text(long, pieces_of_lines, side, upright, mapping, letter_px):
                continue
            apart += long
        if not _is_crossed(pieces.chains, flags):
            beyond |= flags
    if not beyond.any():
        return pieces
    chains = [chain[~beyond[chain]] for chain in pieces.chains]
    return replace(
        pieces,
        kinds=kinds.without(beyond),
        chains=tuple(chain for chain in chains if len(chain)),
        display=tuple(group for group in pieces.display if not beyond[group].any()),
        apart=tuple(row for row in apart if beyond[row.members].all()),
    )


def _is_word(found: Components, row: Row) -> bool:
    return is_steady(found, row, least_letters=_NUMBER) and is_clear(found, row)


def _without_titles(pieces: Pieces, beyond: Flags, words: Sequence[Row]) -> Flags:
    """What is beyond the upper or lower side, without the words there, their marks and large print.

    A number is one where the words are most of what is there; else it is grain.
    """
    found, body = pieces.found, np.concatenate(pieces.chains)
    letters = sum(len(row.members) for row in words)
    least = _NUMBER if letters >= _MOST_WORDS * np.count_nonzero(beyond[body]) else _WORD
    x, y = (found.x0 + found.x1) / 2.0, (found.y0 + found.y1) / 2.0
    kept = np.zeros(len(found), np.bool_)
    for row in words:
        if len(row.members) >= least:
            above, below = y - row.top - row.slope * x, row.bottom + row.slope * x - y
            near = np.minimum(above, below) >= -_MARKS * row.height
            kept |= near & (x >= row.x0 - row.height) & (x <= row.x1 + row.height)
    for group in pieces.display:
        kept[group] = True
    return beyond & ~kept


def _is_crossed(chains: Sequence[Indices], beyond: Flags) -> bool:
    """Whether lines go on over a side."""
    out = np.array([np.count_nonzero(beyond[chain]) for chain in chains])
    own = np.array([len(chain) for chain in chains]) - out
    lines = own >= _LINE
    crossing = int(np.count_nonzero(lines & (out > 0)))
    return crossing > _MOST_CROSSING * int(np.count_nonzero(lines))


def _are_text(
    words: Sequence[Row],
    rows: int,
    side: Side,
    upright: Floats,
    mapping: PageMapping,
    letter_px: float,
) -> bool:
    """Whether words beyond the left or right side are whole lines, and most of what is there.

    Args:
        words: beyond the side.
        rows: how many pieces of lines there are as long as words.
        side: of the sheet.
        upright: (N, 2) middles of the page's components on the upright scan.
        mapping: from that scan.
        letter_px: height of a typical letter on that scan.
    """
    out = letter_px * _AT_EDGE
    last = mapping.source_size[0]
    whole = 0
    for row in words:
        x = upright[row.members, 0]
        whole += bool(x.min() > out if side.edge == "left" else x.max() < last - out)
    return whole >= _LEAST_WHOLE and whole >= _MOST_WHOLE * rows
