"""What stands on the two sides of a corridor: running text, lines of columns, or cells.

A corridor is a gutter only when lines stand on both of its sides for at least eight lines' height
and both sides are wide enough to be columns of words: the amounts on a receipt are a table, and
its rows are read across. How wide a corridor may be depends on what is beside it. Running text,
most of whose lines are as long as its column, is read down where it is wider than the corridor;
other lines only where that is narrow, for across a wide one they may be the cells of a table.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.occupancy import CELL, Counts
from pipeline.layout.unlevel import Feet

Indices = npt.NDArray[np.intp]

LEAST_RUN: Final = 18.0  # length of a gutter in letter heights, about eight lines
LEAST_COLUMN: Final = 9.0  # typical width of the text beside it
_RUNNING_COLUMN: Final = 12.0  # least width of running text, about 18 letters
_MOST_LONG: Final = 0.4  # of the lines beside a corridor have that width on both sides
_FULL: Final = 0.7  # of the width of its column has a full line
_MOST_FULL: Final = 0.5  # of the lines of running text are full
_WIDEST: Final = 0.6  # white between two columns of running text, in widths of the narrower
#: White as narrow as between words of typescript stands below such white by chance, as all letters
#: are below each other: of lines that are far apart there must be as many as of close ones.
_AS_WORDS: Final = 2.5  # letter heights of white
_LEAST_LINES: Final = 7
_LINE: Final = 2.2  # from line to line of close ones


def are_running(sides: tuple[Counts, Counts], white: Counts, least_run: float = LEAST_RUN) -> bool:
    """Whether running text is left and right of a corridor.

    Args:
        sides: width of the text beside each row of the corridor, cells; 0 = none.
        white: between the two in each row, cells.
        least_run: from the first to the last of such rows, letter heights.
    """
    left, right = sides
    least = _RUNNING_COLUMN / CELL
    rows = np.flatnonzero((left >= least) & (right >= least))
    if not _is_long(rows, least_run) or _are_words(rows, white, least_run):
        return False
    # Heads, captions and ends of paragraphs are short.
    text = (left[rows[0] : rows[-1] + 1] > 0) & (right[rows[0] : rows[-1] + 1] > 0)
    if len(rows) < _MOST_LONG * np.count_nonzero(text):
        return False
    if np.median(white[rows]) > _WIDEST * min(np.median(left[rows]), np.median(right[rows])):
        return False
    return all(
        (width >= _FULL * np.percentile(width, 90)).mean() >= _MOST_FULL
        for width in (left[rows], right[rows])
    )


def are_columns(sides: tuple[Counts, Counts], rows: Indices, white: Counts) -> bool:
    """Whether the text that ends near a corridor, in these rows of it, is two columns.

    Args:
        sides: width of the text beside each row of the corridor, cells; 0 = none.
        rows: of the corridor.
        white: between the two in each row, cells.
    """
    if not _is_long(rows) or _are_words(rows, white):
        return False
    left, right = (side[rows[0] : rows[-1] + 1] for side in sides)
    # Line gaps are white; where text is on one side only, the columns are not beside each other.
    if len(rows) < 0.5 * np.count_nonzero((left > 0) | (right > 0)):
        return False
    return all(np.median(side[rows]) * CELL >= LEAST_COLUMN for side in sides)


def is_narrow(sides: tuple[Counts, Counts], rows: Indices) -> bool:
    """Whether text on one side of a corridor is too narrow for running text: cells may be."""
    return min(float(np.median(side[rows])) for side in sides) * CELL < _RUNNING_COLUMN


def are_unlevel(
    sides: tuple[Counts, Counts], feet: Feet, at: tuple[float, float, float, float]
) -> bool:
    """Whether lines as wide as a column stand on both sides, for the length of a gutter, not level.

    What is next to the corridor may be the last cells of a table, if running text is beside it.

    Args:
        sides: width of the text beside each row of the corridor, cells; 0 = none.
        feet: of the page's lines.
        at: x of the corridor, its upper and its lower end, height of a typical letter, px.
    """
    left, right = sides
    rows = np.flatnonzero((left > 0) & (right > 0))
    if not _is_long(rows):
        return False
    narrow, wide = sorted(float(np.median(side[rows])) * CELL for side in sides)
    is_table = wide >= _RUNNING_COLUMN and feet.least_width(*at) >= LEAST_COLUMN * at[-1]
    return (narrow >= LEAST_COLUMN or is_table) and feet.are_unlevel(*at)


def _is_long(rows: Indices, least_run: float = LEAST_RUN) -> bool:
    return len(rows) >= 0.4 * least_run / CELL and bool(np.ptp(rows) >= least_run / CELL)


def _are_words(rows: Indices, white: Counts, least_run: float = LEAST_RUN) -> bool:
    """Whether the white is no wider than between words, on fewer lines than show a column."""
    if np.median(white[rows]) * CELL > _AS_WORDS:
        return False
    ends = np.flatnonzero(np.diff(rows, append=rows[-1] + 2) > 1)
    high = np.diff(ends, prepend=-1) * CELL
    lines = np.maximum(np.round(high / _LINE), 1).sum()
    return bool(lines < _LEAST_LINES * least_run / LEAST_RUN)
