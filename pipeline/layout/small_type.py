"""Lines of type so small that all their letters look like marks of the large type of the page.

A poster, a title or a primer is mostly large type, and its printer's name, a note or a task below
it is not half as high. What no line took for its mark, and what stands in rows as letters do, is
a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.chains import chain_letters
from pipeline.layout.components import MIN_TEXT_HEIGHT_PX, Components
from pipeline.layout.gutters import Gutter
from pipeline.layout.marks import add_marks
from pipeline.layout.pictures import are_letters, is_steady
from pipeline.layout.row import Row, make_rows
from pipeline.layout.rows import join_far, join_near

Indices = npt.NDArray[np.intp]

_WIDEST: Final = 4.0  # heights of a letter, or of a few that touch
_LEAST_LETTERS: Final = 8  # of a line; fewer may be dust
_MOST: Final = 3_000  # marks that are left: more are grain


def find_small_rows(
    found: Components, rows: Sequence[Row], marks: Indices, gutters: Sequence[Gutter]
) -> list[Row]:
    """Rows of letters among the marks that belong to no row.

    Args:
        found: the components of the page.
        rows: of the page, with their marks.
        marks: of the page.
        gutters: between its columns.
    """
    free = np.setdiff1d(marks, np.concatenate([marks[:0], *(row.members for row in rows)]))
    height, width = found.height[free], found.width[free]
    letters = free[(height >= MIN_TEXT_HEIGHT_PX) & (width <= _WIDEST * height)]
    if not _LEAST_LETTERS <= len(letters) <= _MOST:
        return []
    usual_px = float(np.median(found.height[letters]))
    large = letters[found.height[letters] >= 0.5 * usual_px]
    small = join_near(found, make_rows(found, chain_letters(found, large, usual_px)), gutters)
    small = [
        row
        for row in join_far(found, small, gutters)
        if is_steady(found, row, least_letters=_LEAST_LETTERS) and are_letters(found, row.members)
    ]
    taken = np.concatenate([free[:0], *(row.members for row in small)])
    return add_marks(found, small, np.setdiff1d(free, taken)) if small else []
