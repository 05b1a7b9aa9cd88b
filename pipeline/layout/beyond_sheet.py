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
from pipeline.layout.row import Row, make_rows, median
from pipeline.layout.rows import join_near
from pipeline.layout.sheet_sides import Side
from pipeline.rotation import PageMapping

if TYPE_CHECKING:
    from pipeline.layout.page import Pieces

Indices = npt.NDArray[np.intp]

_LINE: Final = 6  # letters of a line within the sheet
_MOST_CROSSING: Final = 0.1  # of the lines have letters beyond, too; grain is seldom so near
_WORD: Final = 4  # letters; less is grain
_OFF: Final = 1.5  # letter heights from the side to the middle of its letters
_LEAST_WHOLE: Final = 5  # lines beyond a side that the edge of the scan doesn't cut
_MOST_WHOLE: Final = 0.7  # of what is as long as a word there; grain is none, a leaf is cut
_AT_EDGE: Final = 1.7  # letter heights from the middle of the outermost letter to the scan's edge


def set_beyond_apart(pieces: Pieces, sides: Sequence[Side], mapping: PageMapping) -> Pieces:
    """The pieces of a page without those beyond the sides of its sheet.

    A band that is tinted to the edge of the scan has a side, too, but whole lines on it, or lines
    that cross the side. Words beyond the left or right side are read apart from the text; those
    above and below it may be a title on such a band, and stay.

    Args:
        pieces: of the page.
        sides: of the sheet, on the upright scan.
        mapping: from that scan.
    """
    found, kinds = pieces.found, pieces.kinds
    if kinds is None or not sides:
        return pieces
    middle = np.column_stack([(found.x0 + found.x1) / 2.0, (found.y0 + found.y1) / 2.0])
    upright = mapping.to_upright_points(middle)
    beyond = np.zeros(len(found), np.bool_)
    apart: list[Row] = []
    for side in sides:
        depth = side.depth_px(upright)
        flags = depth > 0
        parts = [part for chain in pieces.chains if len(part := chain[flags[chain]])]
        rows = [r for r in join_near(found, make_rows(found, parts)) if len(r.members) >= _WORD]
        # What is read along a side is its shadow.
        least = _OFF * pieces.text_height_px
        words = [r for r in rows if _is_word(found, r) and median(depth[r.members]) >= least]
        if side.edge in ("top", "bottom"):
            for row in words:
                flags[row.members] = False
        elif _are_text(words, len(rows), side, upright, mapping, pieces.text_height_px):
            continue
        else:
            apart += words
        if not _is_crossed(pieces.chains, flags):
            beyond |= flags
    if not beyond.any():
        return pieces
    chains = [chain[~beyond[chain]] for chain in pieces.chains]
    return replace(
        pieces,
        kinds=replace(
            kinds,
            body=kinds.body[~beyond[kinds.body]],
            mark=kinds.mark[~beyond[kinds.mark]],
            rule=kinds.rule[~beyond[kinds.rule]],
            picture=kinds.picture[~beyond[kinds.picture]],
        ),
        chains=tuple(chain for chain in chains if len(chain)),
        display=tuple(group for group in pieces.display if not beyond[group].any()),
        apart=tuple(row for row in apart if beyond[row.members].all()),
    )


def _is_word(found: Components, row: Row) -> bool:
    return is_steady(found, row, least_letters=_WORD) and is_clear(found, row)


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
    text_height_px: float,
) -> bool:
    """Whether words beyond the left or right side are whole lines, and most of what is there.

    Args:
        words: beyond the side.
        rows: how many pieces of lines there are as long as words.
        side: of the sheet.
        upright: (N, 2) middles of the page's components on the upright scan.
        mapping: from that scan.
        text_height_px: of a typical letter.
    """
    out = text_height_px * _AT_EDGE
    last = mapping.source_size[0]
    whole = 0
    for row in words:
        x = upright[row.members, 0]
        whole += bool(x.min() > out if side.edge == "left" else x.max() < last - out)
    return whole >= _LEAST_WHOLE and whole >= _MOST_WHOLE * rows
