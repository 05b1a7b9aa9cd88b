"""Text that a pen went across, or that is stamped: it is no drawing with words in it.

Strokes of a pen and the letters of a large stamp wind all over their box, as the lines of a map do,
and rows that they cut into pieces cover little of it. But the words of a map stand anyhow and are
few beside its ink; and a stamp lies on rows that go on beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row

Indices = npt.NDArray[np.intp]

#: Of a box's letters in regular rows, and of its ink in them: text under strokes 0.78 to 1.0 and
#: 0.28 to 0.7, maps and plans 0.48 to 0.73 and 0.17 to 0.24, other drawings 0.35 and 0.07 at most.
_OF_LETTERS: Final = 0.75
_OF_INK: Final = 0.26
_MANY_ROWS: Final = 4  # that go on beside a box; fewer names of a drawing are level by chance
_GOING_ON: Final = 0.75  # of a box's rows; a row in three is level with one beside it by chance
_LEAST_WIDTH: Final = 1.5  # row heights of a row that are in a box
_LEVEL: Final = 0.25  # of a row's height, that the foot of the other part may be off
_ALIKE: Final = 0.6  # of the height of the higher part


def is_written_over(
    found: Components,
    box: Placed,
    rows: Sequence[Row],
    words: Sequence[Row],
    letters: Indices,
    pictures: Sequence[Placed] = (),
) -> bool:
    """Whether a box with winding ink holds text that something was drawn over.

    Args:
        found: the page's components.
        box: around ink that is no text.
        rows: all of the page.
        words: those of them that are regular.
        letters: those of the components that have the size of letters.
        pictures: photographs and codes, whose ink counts for nothing.
    """
    crossed = [row for row in words if _crosses(row, box)]
    if not crossed:
        return False
    is_in = _within(found, box)
    for picture in pictures:
        is_in &= ~_within(found, picture)
    members = np.concatenate([row.members for row in crossed])
    members = members[is_in[members]]
    of_letters = len(members) / max(int(np.count_nonzero(is_in[letters])), 1)
    of_ink = int(found.area[members].sum()) / max(int(found.area[is_in].sum()), 1)
    if of_letters >= _OF_LETTERS and of_ink >= _OF_INK:
        return True
    beside = [row for row in rows if not _crosses(row, box)]
    going_on = sum(
        row.x0 < box.x0 - row.height
        or row.x1 > box.x1 + row.height
        or any(_is_level(row, other) for other in beside)
        for row in crossed
    )
    return going_on >= max(_MANY_ROWS, _GOING_ON * len(crossed))


def _crosses(row: Row, box: Placed) -> bool:
    """Whether a row has more than its ends in a box."""
    x0, x1 = max(row.x0, box.x0), min(row.x1, box.x1)
    top, bottom = row.band_at((x0 + x1) / 2)
    return x1 - x0 >= _LEAST_WIDTH * row.height and box.y0 <= (top + bottom) / 2 <= box.y1


def _within(found: Components, box: Placed) -> Flags:
    """(N,) the components whose middle is in a box."""
    x, y = (found.x0 + found.x1) / 2.0, (found.y0 + found.y1) / 2.0
    within: Flags = (box.x0 <= x) & (x <= box.x1) & (box.y0 <= y) & (y <= box.y1)
    return within


def _is_level(row: Row, other: Row) -> bool:
    """Whether two rows are parts of one, the other one clear of the first."""
    if min(row.x1, other.x1) > max(row.x0, other.x0):
        return False
    x = other.x1 if other.x1 <= row.x0 else other.x0
    (top, bottom), (other_top, other_bottom) = row.band_at(x), other.band_at(x)
    low, high = sorted((bottom - top, other_bottom - other_top))
    return low >= _ALIKE * high and abs(bottom - other_bottom) <= _LEVEL * high
