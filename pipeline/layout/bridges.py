"""Letters of two lines that a stroke joins are no line between the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.layout.components import Components, Floats
from pipeline.layout.row import Row, make_row

_FEW: Final = 4  # pieces of ink of a row that may be there because of a bridge
_LONG: Final = 8  # letters of a row that shows where a line is
_HIGH: Final = 1.7  # of a long row's height
_SHARED: Final = 0.5  # of a row's height that a bridge covers


def part_bridges(found: Components, rows: Sequence[Row]) -> list[Row]:
    """Part short rows from what covers two long rows in them.

    An underline that touches the letters above and below it makes one piece of ink of two lines.
    With a letter beside it, it looked like a row of large type. Alone, it is cut between the lines.
    """
    long = [row for row in rows if len(row.members) >= _LONG]
    bands = np.array([(r.x0, r.x1, r.top, r.bottom, r.slope) for r in long]).reshape(-1, 5).T
    parted: list[Row] = []
    for row in rows:
        few = 2 <= len(row.members) <= _FEW
        is_bridge = np.array(
            [few and _covered(found, int(k), bands) >= 2 for k in row.members], np.bool_
        )
        if not is_bridge.any():
            parted.append(row)
            continue
        parts = [row.members[k : k + 1] for k in np.flatnonzero(is_bridge)]
        if not is_bridge.all():
            parts.append(row.members[~is_bridge])
        parted += [make_row(found, part, row.slope) for part in parts]
    return parted


def _covered(found: Components, k: int, bands: Floats) -> int:
    """How many of the bands a piece of ink covers from above to below."""
    x0, x1, top, bottom, slope = bands
    middle = (int(found.x0[k]) + int(found.x1[k])) / 2
    y0, y1 = int(found.y0[k]), int(found.y1[k])
    at = slope * middle
    height = bottom - top
    shared = np.minimum(y1, bottom + at) - np.maximum(y0, top + at)
    beside = (x0 <= middle) & (middle <= x1)
    is_high = y1 - y0 >= _HIGH * height
    return int(np.count_nonzero(beside & is_high & (shared >= _SHARED * height)))
