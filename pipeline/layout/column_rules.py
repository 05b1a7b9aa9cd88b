"""Upright rules between columns of text: a printer who sets one says where they part.

Columns of short lines on one grid, such as questions and answers, are like the cells of a table;
but the rules of a table have others across them, or cells beside them that are narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components
from pipeline.layout.occupancy import CELL, Beside, Counts

Indices = npt.NDArray[np.intp]

_LEAST_PIECE: Final = 5.0  # letter heights: a piece of a rule
_THICK: Final = 1.0  # letter heights, of a rule that is a little crooked
_LEAST: Final = 18.0  # letter heights of a rule, holes included: about eight lines
#: One that is shorter, between two verses, has no level rule across it, and most lines beside it
#: are as long as running text.
_LEAST_SHORT: Final = 9.0
_MOST_WIDE: Final = 0.5
_LEAST_WHITE: Final = 0.75  # letter heights of white in lines above and below that it parts, too
_LEAST_INK: Final = 0.8  # of its length
_ALIGNED: Final = 0.5  # letter heights between the middles of pieces that follow each other
_MARGIN: Final = 4.0  # letter heights that it parts lines above and below it
_BESIDE: Final = 0.25  # of its length has text on either side, white between lines left out
_COLUMN: Final = 12.0  # letter heights: width of a line of running text
_WIDE: Final = 0.2  # of the lines beside it are so wide; cells of numbers are not
#: Level rules across it: those above and below a page. Rows of a table are nearer to each other.
_MOST_CROSSED: Final = 2
_ROWS: Final = 10.0  # letter heights from one to the next at least
_ACROSS: Final = 0.8  # letter heights on each side that a rule across it goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """A rule, and the white from the text at its left to that at its right."""

    x_px: float
    y0_px: float
    y1_px: float
    left_px: float
    right_px: float


def find_column_rules(
    found: Components, rules: Indices, beside: Beside, cell_px: float, text_height_px: float
) -> tuple[ColumnRule, ...]:
    """The upright rules that part columns.

    Args:
        found: the components of the page.
        rules: those that are straight lines.
        beside: what is left and right of each cell of the page.
        cell_px: side of a cell.
        text_height_px: of a typical letter.
    """
    least = _LEAST_PIECE * text_height_px
    tall = (found.height[rules] >= least) & (found.width[rules] <= _THICK * text_height_px)
    parted = []
    for pieces in _in_line(found, rules[tall], _ALIGNED * text_height_px):
        x = float((found.x0[pieces] + found.x1[pieces]).mean() / 2)
        y0, y1 = int(found.y0[pieces].min()), int(found.y1[pieces].max())
        length = (y1 - y0) / text_height_px
        if length < _LEAST_SHORT or found.height[pieces].sum() < _LEAST_INK * (y1 - y0):
            continue
        is_short = length < _LEAST
        most = 0 if is_short else max(_MOST_CROSSED, length / _ROWS)
        if _crossed(found, x, (y0, y1), text_height_px) > most:
            continue
        column = min(int(x / cell_px), beside[0][0].shape[1] - 1)
        at = slice(int(y0 / cell_px), int(y1 / cell_px) + 1), column
        if all(_has_column(run[at], _MOST_WIDE if is_short else _WIDE) for _, run in beside):
            above = below = round(_MARGIN / CELL)
            if is_short:
                above = _white_beyond(beside, at[0].start, -1, column)
                below = _white_beyond(beside, at[0].stop - 1, 1, column)
            left, right = (float(np.median(gap[at][run[at] > 0])) for gap, run in beside)
            parted.append(
                ColumnRule(
                    x_px=x,
                    y0_px=max(0.0, y0 - above * cell_px),
                    y1_px=y1 + below * cell_px,
                    left_px=x - left * cell_px,
                    right_px=x + right * cell_px,
                )
            )
    return tuple(parted)


def _has_column(width: Counts, wide: float) -> bool:
    """Whether text stands all along one side of a rule, many of its lines as long as running text.

    Args:
        width: of the text beside each cell of the rule, cells; 0 = none.
        wide: how many of its lines are so long.
    """
    lines = width[width > 0]
    is_along = len(lines) >= _BESIDE * len(width)
    return is_along and bool(np.percentile(lines, 100 * (1 - wide)) * CELL >= _COLUMN)


def _white_beyond(beside: Beside, row: int, step: int, column: int) -> int:
    """Cells beyond the end of a rule, up to a line that goes on over its place."""
    (left, left_run), (right, right_run) = beside
    most = round(_MARGIN / CELL)
    for n in range(1, most + 1):
        y = row + n * step
        if not 0 <= y < len(left):
            return n - 1
        has_both = left_run[y, column] > 0 and right_run[y, column] > 0
        if has_both and (left[y, column] + right[y, column]) * CELL < _LEAST_WHITE:
            return n - 1
    return most


def _in_line(found: Components, pieces: Indices, reach_px: float) -> Sequence[Indices]:
    """Pieces above each other, those of each line from top to bottom."""
    lines: list[list[int]] = []
    middle = (found.x0 + found.x1) / 2
    for k in pieces[np.argsort(found.y0[pieces], kind="stable")].tolist():
        near = [
            line
            for line in lines
            if abs(middle[line[-1]] - middle[k]) <= reach_px and found.y0[k] >= found.y1[line[-1]]
        ]
        if near:
            near[0].append(k)
        else:
            lines.append([k])
    return [np.array(line, np.intp) for line in lines]


def _crossed(found: Components, x: float, ends: tuple[int, int], text_height_px: float) -> int:
    """How many level rules go across an upright one."""
    reach = round(_ACROSS * text_height_px)
    strip = found.labels[slice(*ends), max(0, round(x) - reach) : round(x) + reach + 1] > 0
    is_level = strip.all(axis=1)
    return int(np.count_nonzero(np.diff(is_level, prepend=False) & is_level))
