"""Ink in dark places of a page: text on a dark ground stays text, the rest is a photograph's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags, Sorted
from pipeline.layout.marks import add_marks
from pipeline.layout.pictures import is_steady, share_of_text
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row, make_rows
from pipeline.layout.rows import join_near

Indices = npt.NDArray[np.intp]

_TEXT_SHARE: Final = 0.3  # of a place's area in regular rows: it is text on a tint or in a shadow
_TEXT_INK: Final = 0.5  # of its ink in such rows: the same
_LEAST_INK: Final = 0.25  # rows of dots stand in line, too, but are a small part of the ink
#: So many letters in regular rows, and this share of all that has the size of letters in a place,
#: are text, whatever dark there is besides (a table, a shadow's edge): 0.5 to 1.0 there, at most
#: 0.02 in photographs, whose grain has the size of letters, too.
_MANY_LETTERS: Final = 40
_OF_LETTERS: Final = 0.5
_OWN_INK: Final = 0.7  # of the ink around a row is its own: 0.98 of text, 0.4 to 0.7 of pictures
_MOST_INSIDE: Final = 0.3  # of the letters of a line beside a photograph are in its box
_LEAST_WORD: Final = 3  # letters that stand on one line; less is grain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plates:
    """Photographs, and the pieces of a page without what is in them."""

    boxes: tuple[Placed, ...]  # of photographs and codes
    words: tuple[Row, ...]  # in the photographs
    kinds: Sorted  # of the ink beside them
    chains: tuple[Indices, ...]
    display: tuple[Indices, ...]


def set_plates_apart(
    found: Components,
    kinds: Sorted,
    chains: Sequence[Indices],
    display: Sequence[Indices],
    dark: Sequence[Placed],
    codes: Sequence[Placed] = (),
) -> Plates:
    """Tell photographs from text on a dark ground, and take their ink out of the page's.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        chains: letters beside each other.
        display: the same of large letters.
        dark: places that may be photographs.
        codes: boxes of barcodes, in which no words are looked for.
    """
    rows_of = {box: _rows_in(found, chains, box) for box in dark}
    plates = [box for box, rows in rows_of.items() if not _is_text(found, kinds.body, rows, box)]
    boxes = (*plates, *codes)
    inside = _in_any(found, boxes)
    if not inside.any():
        return Plates(
            boxes=boxes, words=(), kinds=kinds, chains=tuple(chains), display=tuple(display)
        )
    for chain in chains:
        # A photograph without a frame is a box, into which the ends of lines beside it may reach.
        if inside[chain].mean() < _MOST_INSIDE:
            inside[chain] = False
    words: list[Row] = []
    for box in plates:
        rows = [row for row in rows_of[box] if inside[row.members].all() and _is_word(found, row)]
        words += add_marks(found, rows, kinds.mark[_in_any(found, [box])[kinds.mark]])
    beside = [chain[~inside[chain]] for chain in chains]
    return Plates(
        boxes=boxes,
        words=tuple(words),
        kinds=kinds.without(inside),
        chains=tuple(chain for chain in beside if len(chain)),
        display=tuple(group for group in display if inside[group].mean() < 0.5),
    )


def _is_text(found: Components, body: Indices, rows: Sequence[Row], box: Placed) -> bool:
    rows = [row for row in rows if is_steady(found, row) and is_clear(found, row)]
    if not rows:
        return False
    letters = sum(len(row.members) for row in rows)
    of_size = np.count_nonzero(_in_any(found, [box])[body])
    if letters >= max(_MANY_LETTERS, _OF_LETTERS * of_size):
        return True
    ink = sum(int(found.area[row.members].sum()) for row in rows)
    share = ink / max(int(found.area[_in_any(found, [box])].sum()), 1)
    covered = share_of_text(box, [Placed.of_row(row) for row in rows])
    return share >= _TEXT_INK or (covered >= _TEXT_SHARE and share >= _LEAST_INK)


def _is_word(found: Components, row: Row) -> bool:
    """Whether letters stand on one line, and on clean ground: grain and dots do so nowhere."""
    return is_steady(found, row, least_letters=_LEAST_WORD) and is_clear(found, row)


def is_clear(found: Components, row: Row) -> bool:
    """Whether most of the ink in and about a row is its own: strokes of an engraving are dense."""
    margin = row.height / 2
    tops_bottoms = [y for x in (row.x0, row.x1) for y in row.band_at(x)]
    y0, y1 = max(0, int(min(tops_bottoms) - margin)), int(max(tops_bottoms) + margin)
    x0, x1 = max(0, int(row.x0 - margin)), int(row.x1 + margin)
    ink = np.count_nonzero(found.labels[y0:y1, x0:x1])
    return bool(found.area[row.members].sum() >= _OWN_INK * ink)


def _rows_in(found: Components, chains: Sequence[Indices], box: Placed) -> list[Row]:
    inside = _in_any(found, [box])
    parts = [part for chain in chains if len(part := chain[inside[chain]])]
    return join_near(found, make_rows(found, parts))


def _in_any(found: Components, boxes: Sequence[Placed]) -> Flags:
    """(N,) the components whose middle is in one of the boxes."""
    x, y = (found.x0 + found.x1) / 2.0, (found.y0 + found.y1) / 2.0
    inside = np.zeros(len(found), np.bool_)
    for box in boxes:
        inside |= (box.x0 <= x) & (x <= box.x1) & (box.y0 <= y) & (y <= box.y1)
    return inside
