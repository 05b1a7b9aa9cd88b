"""White corridors between columns of text, and the folds of open books.

Whether a corridor is one is told by what stands beside it (`text_beside`).
Beyond a heading or a picture that a gutter ends at, three lines of running text go on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.column_rules import ColumnRule, find_column_rules
from pipeline.layout.components import Components, Flags
from pipeline.layout.numbers_between import Numbers, Span, are_one_corridor
from pipeline.layout.occupancy import CELL, Beside, beside_of, occupancy, with_rims
from pipeline.layout.placed import Placed
from pipeline.layout.text_beside import (
    LEAST_COLUMN,
    LEAST_RUN,
    are_columns,
    are_running,
    are_unlevel,
    is_narrow,
)
from pipeline.layout.unlevel import Feet

Indices = npt.NDArray[np.intp]

_NONE: Final = np.empty(0, np.intp)
#: A page with more is a pattern or noise, and has no columns.
MAX_GUTTERS: Final = 20
_LEAST_PART: Final = 6.0  # the same of its further parts, about three lines
_LEAST_WIDTH: Final = 1.0  # white on every line; rivers of word gaps are narrower
_REACH: Final = 4.0  # how far from the gutter text that is not running may end
_MARGIN: Final = 4.0  # how far it parts lines above and below those that end there
_RIM: Final = 4.0  # of a photograph, that keeps lines right beside it from being as wide as both
_LEAST_OF_WHITE: Final = 0.4  # of the white that a rule stands in; a shorter one decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Gutter:
    """Text left of `x_px` and text right of it are in different columns from y0 to y1."""

    x_px: float
    y0_px: float
    y1_px: float


def find_gutters(
    found: Components,
    chains: Sequence[Indices],
    text_height_px: float,
    photographs: Sequence[Placed] = (),
    leaders: Sequence[Placed] = (),
    rules: Indices = _NONE,
) -> tuple[Gutter, ...]:
    """The gutters of a page, from left to right, and then further parts of them.

    A photograph fills its column as text does, and a leader its line; a printed rule between
    columns is their gutter.

    Args:
        found: the components of the page.
        chains: letters beside each other; a chain may run over a narrow gutter.
        text_height_px: of a typical letter.
        photographs: on the page.
        leaders: dots far apart on one line.
        rules: components that are straight lines.
    """
    cell_px = max(1.0, CELL * text_height_px)
    used = occupancy(found, chains, text_height_px, cell_px)
    rim = np.zeros(used.shape, np.int32)
    for box in photographs:
        rim_px = min(_RIM * text_height_px, (box.x1 - box.x0) / 3)
        edges = box.x0 + rim_px, box.y0, box.x1 - rim_px, box.y1
        x0, y0, x1, y1 = (max(0, int(side / cell_px)) for side in edges)
        used[y0 : y1 + 1, x0 : x1 + 1] = True
        rim[y0 : y1 + 1, x0 : x1 + 1] = rim_px / cell_px
    for box in leaders:
        x0, y0, x1, y1 = (max(0, int(side / cell_px)) for side in (box.x0, box.y0, box.x1, box.y1))
        used[y0 : y1 + 1, x0 : x1 + 1] = True
    if used.shape[0] < LEAST_RUN / CELL or used.shape[1] < 2 * LEAST_COLUMN / CELL:
        return ()
    beside = beside_of(used)
    if photographs:
        beside = with_rims(beside, rim)
    (left_gap, left_run), (right_gap, right_run) = beside
    both = (left_run > 0) & (right_run > 0) & ~used
    reach, least = round(_REACH / CELL), 0.4 * LEAST_RUN / CELL
    margin = round(_MARGIN / CELL)
    columns: list[tuple[int, int, int]] = []
    feet = Feet.of(found, chains)
    for x in np.flatnonzero(both.sum(axis=0) >= least):
        near = (left_gap[:, x] <= reach) & (right_gap[:, x] <= reach)
        for y0, y1 in _runs(~used[:, x], round(LEAST_RUN / CELL)):
            sides = left_run[y0:y1, x], right_run[y0:y1, x]
            white = left_gap[y0:y1, x] + right_gap[y0:y1, x]
            at = x * cell_px, y0 * cell_px, y1 * cell_px, text_height_px
            found_them = are_running(sides, white) or are_unlevel(sides, feet, at)
            if found_them or feet.are_entries(*at):
                # Head lines, page numbers and pictures beside it are parted as the text is.
                columns.append((int(x), y0, y1))
                continue
            rows = np.flatnonzero(near[y0:y1] & both[y0:y1, x])
            if are_columns(sides, rows, white) and not (
                is_narrow(sides, rows) and feet.are_rows(*at)
            ):
                # The last line of a column may end far from the corridor.
                first, last = y0 + int(rows[0]) - margin, y0 + int(rows[-1]) + margin
                columns.append((int(x), max(y0, first), min(y1, last + 1)))
    ruled = find_column_rules(found, rules, beside, cell_px, text_height_px)
    gutters = _at_rules(_group(columns, cell_px), ruled)
    if len(gutters) > 1:
        numbers = Numbers(found, chains)
        gutters = _around_numbers(
            gutters,
            lambda a, b: (
                numbers.gutter_beside(a, b, feet, text_height_px)
                if are_one_corridor(a, b, used, cell_px)
                else None
            ),
        )
    parts = [part for gutter in gutters for part in _parts(gutter, used, beside, cell_px)]
    return (*gutters, *parts) if len(gutters) + len(parts) <= MAX_GUTTERS else gutters


def _at_rules(gutters: Sequence[Gutter], rules: Sequence[ColumnRule]) -> tuple[Gutter, ...]:
    """The gutters with those of rules, each in place of what is in the white around it.

    White that goes on far beyond a rule knows better where lines end than a rule that stands in a
    part of it.
    """
    found = list(gutters)
    for rule in rules:
        same = [
            g
            for g in found
            if rule.left_px <= g.x_px <= rule.right_px
            and min(g.y1_px, rule.y1_px) > max(g.y0_px, rule.y0_px)
        ]
        y0 = min([rule.y0_px, *(g.y0_px for g in same)])
        y1 = max([rule.y1_px, *(g.y1_px for g in same)])
        found = [g for g in found if g not in same]
        is_part = rule.y1_px - rule.y0_px < _LEAST_OF_WHITE * (y1 - y0)
        longest = max(same, key=lambda g: g.y1_px - g.y0_px) if same and is_part else rule
        found.append(Gutter(x_px=longest.x_px, y0_px=y0, y1_px=y1))
    return tuple(sorted(found, key=lambda g: g.x_px))


def _around_numbers(
    gutters: Sequence[Gutter], beside_numbers: Callable[[Span, Span], float | None]
) -> tuple[Gutter, ...]:
    """One gutter instead of two on both sides of numbers: that which leaves them with theirs."""
    kept: list[Gutter] = []
    for gutter in gutters:
        last = gutter
        for before in kept[::-1]:
            left, right = ((g.x_px, g.y0_px, g.y1_px) for g in (before, last))
            x = beside_numbers(left, right)
            if x is not None:
                y0, y1 = min(left[1], right[1]), max(left[2], right[2])
                last = Gutter(x_px=x, y0_px=y0, y1_px=y1)
                kept.remove(before)
        kept.append(last)
    return tuple(kept)


def _parts(gutter: Gutter, used: Flags, beside: Beside, cell_px: float) -> list[Gutter]:
    """Where the corridor goes on between running text beyond what interrupts it.

    Above a photograph columns may be shorter than what would show that they are columns.
    """
    (left_gap, left_run), (right_gap, right_run) = beside
    x = int(gutter.x_px / cell_px)
    parts = []
    for y0, y1 in _runs(~used[:, x], round(_LEAST_PART / CELL)):
        sides = left_run[y0:y1, x], right_run[y0:y1, x]
        white = left_gap[y0:y1, x] + right_gap[y0:y1, x]
        is_new = y1 * cell_px <= gutter.y0_px or y0 * cell_px >= gutter.y1_px
        if is_new and are_running(sides, white, _LEAST_PART):
            parts.append(Gutter(x_px=gutter.x_px, y0_px=y0 * cell_px, y1_px=y1 * cell_px))
    return parts


def _runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [
        (int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least
    ]


def _group(columns: list[tuple[int, int, int]], cell_px: float) -> tuple[Gutter, ...]:
    """Neighbouring cell columns of one corridor become one gutter where it is longest.

    Beside a ragged margin a corridor is shorter where a long line ends in it.
    """
    groups: list[list[tuple[int, int, int]]] = []
    for x, y0, y1 in sorted(columns):
        for group in groups:
            last = group[-1]
            if x - last[0] <= 1 and y0 < last[2] and last[1] < y1:
                group.append((x, y0, y1))
                break
        else:
            groups.append([(x, y0, y1)])
    gutters = []
    for group in groups:
        longest = max(y1 - y0 for _, y0, y1 in group)
        core = [run for run in group if run[2] - run[1] >= 0.9 * longest]
        x, y0, y1 = core[len(core) // 2]
        if len(group) >= _LEAST_WIDTH / CELL:
            gutters.append(Gutter(x_px=(x + 0.5) * cell_px, y0_px=y0 * cell_px, y1_px=y1 * cell_px))
    return tuple(gutters) if len(gutters) <= MAX_GUTTERS else ()
