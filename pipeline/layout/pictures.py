"""What is no running text: pictures, printed rules, rows of dashes, the bed of the scanner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Sorted
from pipeline.layout.drawings import (
    NEAR,
    around_photographs,
    is_drawn,
    large_parts,
    merged,
    with_photographs,
)
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row
from pipeline.layout.written_over import is_written_over

Indices = npt.NDArray[np.intp]

_TEXT_SHARE: Final = 0.3  # of a frame's area in regular rows: it holds text, it is no picture
_LEAST_ROW: Final = 6  # letters from which a row can show that it is text
_INK_OF_PRINT: Final = 0.35  # of a row's width; words on a map are further apart
_INK_OF_TABLES: Final = 0.2  # the same of rows whose columns stand apart
_LEAST_WORD: Final = 3  # letters of a word that a pen has cut off from its row
_INK_OF_WORDS: Final = 0.15
_STEADY: Final = 0.14  # mean distance of feet from the baseline, in row heights
_BED: Final = 0.004  # of the page's area: ink at its edge that is larger is no print
_DASHES: Final = 8  # dashes or dots that make a rule
_DASH_GAP: Final = 1.5  # white between them at most, in letter heights
#: Letters of small type below large type are as low as dashes: they fill less of their boxes, and
#: are about as wide as high. Bold ones fill more, and are larger than any dot of a leader.
_LETTERS: Final = (0.55, 1.3)
_BOLD: Final = (0.72, 12)  # of the box is ink; px of height
MAX_PICTURES: Final = 60
MAX_RULES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """Boxes in pixels of the deskewed page."""

    pictures: tuple[Placed, ...] = ()
    rules: tuple[Placed, ...] = ()


def find_furniture(
    found: Components,
    kinds: Sorted,
    rows: Sequence[Row],
    text_height_px: float,
    photographs: Sequence[Placed] = (),
    display: Sequence[Indices] = (),
) -> Furniture:
    """Sort large ink into pictures, rules and bed; a frame that is full of text is none of them.

    Photographs are pictures, and one with the large ink that touches them. So is ink around a large
    part of which is a photograph; a pen's stroke that touches a barcode is not.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        rows: of text.
        text_height_px: of a typical letter.
        photographs: boxes of photographs and codes.
        display: letters far larger than the page's, which are no drawing.
    """
    t = text_height_px
    large = np.concatenate([kinds.picture, kinds.rule])
    area = found.labels.shape[0] * found.labels.shape[1]
    beds = large[_touches_edge(found, large) & (found.area[large] >= _BED * area)]
    drawn = large_parts(found, np.setdiff1d(large, beds), t)
    text = [Placed.of_row(r) for r in rows if is_steady(found, r, _INK_OF_TABLES)]
    pieces = [Placed.of_component(found, k) for k in drawn]

    def is_drawing(box: Placed) -> bool:
        if share_of_text(box, text) >= _TEXT_SHARE or not is_drawn(found, box, large, t, display):
            return False
        words = [r for r in rows if is_steady(found, r, _INK_OF_WORDS, least_letters=_LEAST_WORD)]
        return not is_written_over(found, box, rows, words, kinds.body, photographs)

    around, others = around_photographs(merged(pieces, NEAR * t), photographs, NEAR * t)
    largest = sorted(others, key=attrgetter("area"), reverse=True)[:MAX_PICTURES]
    drawings = [box for box in largest if is_drawing(box)]
    boxes = with_photographs([*around, *drawings], photographs, NEAR * t)
    pictures = [
        box
        for box in sorted(boxes, key=attrgetter("area"), reverse=True)[:MAX_PICTURES]
        if share_of_text(box, text) < _TEXT_SHARE
    ]
    rules = [
        Placed.of_component(found, int(k))
        for k in kinds.rule
        if min(found.height[k], found.width[k]) <= max(0.6 * t, 4)
        and not any(_holds(p, Placed.of_component(found, int(k))) for p in pictures)
    ]
    return Furniture(
        pictures=tuple(pictures),
        rules=tuple(sorted(rules, key=attrgetter("area"), reverse=True)[:MAX_RULES]),
    )


def is_steady(
    found: Components,
    row: Row,
    least_ink: float = _INK_OF_PRINT,
    *,
    least_letters: int = _LEAST_ROW,
) -> bool:
    """Whether letters of a row stand on one line and near each other, as print does.

    Args:
        found: the page's components.
        row: of these.
        least_ink: share of the row's width that its letters take up.
        least_letters: that a row must have to be asked.
    """
    height = found.y1[row.members] - found.y0[row.members]
    letters = row.members[height >= 0.5 * row.height]
    if len(letters) < least_letters or row.height <= 0:
        return False
    x = (found.x0[letters] + found.x1[letters]) / 2.0
    off = np.abs(found.y1[letters] - row.bottom - row.slope * x) / row.height
    ink = float((found.x1[letters] - found.x0[letters]).sum())
    # Descenders and commas are few: the nearer three quarters tell.
    if ink < least_ink * (row.x1 - row.x0):
        return False
    return float(np.sort(off)[: max(1, 3 * len(off) // 4)].mean()) <= _STEADY


def find_dashes(
    found: Components, marks: Indices, text_height_px: float
) -> list[tuple[Placed, Indices]]:
    """Rows of dashes, dots or equal signs among marks that belong to no line, and their marks."""
    t = text_height_px
    free = marks[found.height[marks] <= 0.45 * t]
    middle = (found.y0[free] + found.y1[free]) / 2.0
    order = free[np.lexsort((found.x0[free], np.round(middle / (0.35 * t))))]
    gap = found.x0[order[1:]] - found.x1[order[:-1]]
    off = np.abs(np.diff(found.y0[order] + found.y1[order]))
    follows = (gap >= 0) & (gap <= _DASH_GAP * t) & (off <= 0.5 * t)
    starts = np.concatenate([[0], np.flatnonzero(~follows) + 1])
    ends = np.append(starts[1:], len(order))
    lines = []
    for n in np.flatnonzero(ends - starts >= _DASHES).tolist():
        row = order[starts[n] : ends[n]]
        if are_letters(found, row):
            continue
        box = Placed.around([Placed.of_component(found, k) for k in row.tolist()])
        if box.x1 - box.x0 >= 5 * t:
            lines.append((box, row))
    return lines


def are_letters(found: Components, row: Indices) -> bool:
    """Whether low pieces beside each other look like letters, not like dots, dashes or stars."""
    width, height = found.width[row].astype(np.float64), found.height[row]
    fill, wide = float(np.median(found.area[row] / (width * height))), np.median(width / height)
    is_bold = fill <= _BOLD[0] and np.median(height) >= _BOLD[1]
    return bool((fill <= _LETTERS[0] or is_bold) and wide <= _LETTERS[1])


def holds(boxes: Sequence[Placed], place: Placed) -> bool:
    """Whether the middle and most of a place is in one of the boxes."""
    return any(_holds(box, place) for box in boxes)


def _holds(box: Placed, place: Placed) -> bool:
    x = min(box.x1, place.x1) - max(box.x0, place.x0)
    y = min(box.y1, place.y1) - max(box.y0, place.y0)
    return x >= 0.7 * (place.x1 - place.x0) and y >= 0.7 * (place.y1 - place.y0)


def _touches_edge(found: Components, which: Indices) -> npt.NDArray[np.bool_]:
    height, width = found.labels.shape
    edge: npt.NDArray[np.bool_] = (
        (found.x0[which] <= 2)
        | (found.y0[which] <= 2)
        | (found.x1[which] >= width - 2)
        | (found.y1[which] >= height - 2)
    )
    return edge


def share_of_text(box: Placed, text: Sequence[Placed]) -> float:
    """How much of a box lines of text take up, with the white above them."""
    shared = sum(
        max(0.0, min(box.x1, p.x1) - max(box.x0, p.x0))
        # A line takes the white above it too.
        * max(0.0, min(box.y1, p.y1) - max(box.y0, p.y0))
        * 1.8
        for p in text
    )
    return shared / max(box.area, 1.0)
