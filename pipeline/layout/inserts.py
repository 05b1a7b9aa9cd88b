"""What stands amid columns of text that flow round it: a photograph, its caption, a quotation.

Lines on the two sides of it are level and in different columns, however far the white between them
is that of a table elsewhere. A corridor between columns ends at an insert and goes on below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pipeline.layout.gutters import Gutter
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row

_ALIGNED: Final = 2.0  # letter heights between the middles of two parts of one corridor
_LEAST_LETTERS: Final = 3  # of a row that crosses a corridor; less may be dirt
_WHITE: Final = 1.0  # letter heights between an insert and the text beside it, at least
_RAGGED: Final = 8.0  # letter heights from a corridor to the ends of short lines beside it
_RUNNING: Final = 12.0  # letter heights: width of running text beside it, about 18 letters
_LEAST_RUNNING: Final = 0.5  # of the rows on either side are so wide; cells are narrower


def find_inserts(
    rows: Sequence[Row],
    gutters: Sequence[Gutter],
    photographs: Sequence[Placed],
    text_height_px: float,
) -> tuple[Placed, ...]:
    """Rows that cross a corridor where it ends and goes on, with running text on both sides.

    A heading has nothing beside it, and a table below columns has nothing below it.

    Args:
        rows: of the page, before pieces far apart are joined.
        gutters: of the page.
        photographs: on the page; a corridor may end at one and go on below its caption.
        text_height_px: of a typical letter.

    Returns:
        Boxes, none of them a photograph's.
    """
    if not gutters or len(gutters) + len(photographs) < 2:
        return ()
    places = [Placed.of_row(row) for row in rows]
    found: list[Placed] = []
    for gutter in gutters:
        if _is_ragged_end(gutter, gutters, text_height_px):
            continue
        x = gutter.x_px
        parts = [
            (g.y0_px, g.y1_px) for g in gutters if abs(g.x_px - x) <= _ALIGNED * text_height_px
        ]
        parts = sorted([*parts, *((p.y0, p.y1) for p in photographs if p.x0 < x < p.x1)])
        for (_, y0), (y1, _) in pairwise(parts):
            crossing = [
                place
                for row, place in zip(rows, places, strict=True)
                if len(row.members) >= _LEAST_LETTERS
                and place.x0 < x < place.x1
                and y0 < (place.y0 + place.y1) / 2 < y1
            ]
            if crossing:
                # Lines right above or below its own are beside it, too.
                box = replace(Placed.around(crossing), y0=y0, y1=y1)
                if box not in found and _is_amid(box, places, text_height_px):
                    found.append(box)
    return tuple(found)


def _is_ragged_end(gutter: Gutter, gutters: Sequence[Gutter], text_height_px: float) -> bool:
    """Whether a corridor is the white behind short lines beside a longer one."""
    return any(
        other.y0_px <= gutter.y0_px
        and other.y1_px >= gutter.y1_px
        and other.y1_px - other.y0_px > gutter.y1_px - gutter.y0_px
        and abs(other.x_px - gutter.x_px) <= _RAGGED * text_height_px
        for other in gutters
    )


def around_inserts(inserts: Sequence[Placed]) -> tuple[Gutter, ...]:
    """Both sides of each insert, over which no rows are joined."""
    return tuple(
        Gutter(x_px=x, y0_px=box.y0, y1_px=box.y1) for box in inserts for x in (box.x0, box.x1)
    )


def in_inserts(place: Placed, inserts: Sequence[Placed]) -> bool:
    """Whether the middle of a row is in an insert."""
    x, y = (place.x0 + place.x1) / 2, (place.y0 + place.y1) / 2
    return any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in inserts)


def set_in(order: Sequence[int], boxes: Sequence[Placed], inserts: Sequence[int]) -> list[int]:
    """The order of blocks with inserts in it: each behind the column at its right, or at its left.

    Args:
        order: of the other blocks, numbers of boxes.
        boxes: of all blocks.
        inserts: numbers of boxes that are inserts.

    >>> left = Placed(x0=0, y0=0, x1=40, y1=90)
    >>> right, below = Placed(x0=60, y0=0, x1=99, y1=50), Placed(x0=60, y0=60, x1=99, y1=90)
    >>> set_in([0, 1, 2], [left, right, below, Placed(x0=42, y0=20, x1=58, y1=40)], [3])
    [0, 1, 2, 3]
    """
    downward = sorted(inserts, key=lambda k: (boxes[k].y0, boxes[k].x0))
    if not order:
        return downward
    whole = list(order)
    for k in downward:
        box = boxes[k]
        level = [j for j in whole if min(boxes[j].y1, box.y1) > max(boxes[j].y0, box.y0)]
        beside = [j for j in level if j not in inserts]
        if not beside:
            beside = [min(whole, key=lambda j: abs(boxes[j].y1 - box.y0))]
        last = max(beside, key=lambda j: boxes[j].x1)
        others = [boxes[j] for j in beside if not boxes[j].overlaps_x(boxes[last])]
        at = whole.index(last) + 1
        while at < len(whole) and _goes_on(boxes[whole[at]], boxes[last], others):
            at += 1
        whole.insert(at, k)
    return whole


def _goes_on(block: Placed, column: Placed, others: Sequence[Placed]) -> bool:
    """Whether a block is in a column, and not in one of the others, too."""
    return block.overlaps_x(column) and not any(map(block.overlaps_x, others))


def _is_amid(box: Placed, places: Sequence[Placed], text_height_px: float) -> bool:
    """Whether most of what is level with a box is running text, on its left and on its right."""
    white = _WHITE * text_height_px
    level = [p for p in places if box.y0 <= (p.y0 + p.y1) / 2 <= box.y1]
    sides = (
        [p for p in level if p.x1 <= box.x0 - white],
        [p for p in level if p.x0 >= box.x1 + white],
    )
    return all(
        side
        and sum(p.x1 - p.x0 >= _RUNNING * text_height_px for p in side)
        >= _LEAST_RUNNING * len(side)
        for side in sides
    )
