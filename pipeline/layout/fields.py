"""The printed label of a form and what was written beside it are one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.layout.components import Components
from pipeline.layout.gutters import Gutter
from pipeline.layout.row import Row, make_row
from pipeline.layout.rows import apart

_HIGHER: Final = 3.2  # times at most is writing as high as its label
_WHITE: Final = 0.7  # between the two at least, in heights of the higher; a drop capital is nearer
_BESIDE: Final = 0.25  # of a row's height that another may share before it is beside it, too
_LEAST: Final = 2  # letters of each
_MOST_ROWS: Final = 400  # of a page that may be a form


def join_fields(found: Components, rows: Sequence[Row], gutters: Sequence[Gutter]) -> list[Row]:
    """Join two rows of unlike height that stand beside each other, with no other beside either.

    Rows of like height have been joined before, by where their letters stand; writing is larger
    than print and does not keep to its line.
    """
    if not 2 <= len(rows) <= _MOST_ROWS:
        return list(rows)
    x = np.array([(r.x0 + r.x1) / 2 for r in rows])
    top, bottom = np.array([r.band_at(at) for r, at in zip(rows, x, strict=True)]).T
    height = np.maximum(bottom - top, 1.0)
    x0, x1 = np.array([(r.x0, r.x1) for r in rows]).T
    shared = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    beside = shared > _BESIDE * np.minimum.outer(height, height)
    np.fill_diagonal(beside, val=False)
    only = [int(np.argmax(others)) if others.sum() == 1 else -1 for others in beside]
    joined, gone = list(rows), set[int]()
    for a, b in enumerate(only):
        if b < a or only[b] != a or min(len(rows[a].members), len(rows[b].members)) < _LEAST:
            continue
        low, high = sorted((a, b), key=lambda k: float(height[k]))
        middle = (top[low] + bottom[low]) / 2
        white = max(x0[a], x0[b]) - min(x1[a], x1[b])
        if (
            top[high] <= middle <= bottom[high]
            and height[high] <= _HIGHER * height[low]
            and white >= _WHITE * height[high]
            and not apart(rows[a], rows[b], gutters)
        ):
            members = np.concatenate([rows[a].members, rows[b].members])
            joined[a] = make_row(found, members, rows[low].slope)
            gone.add(b)
    return [row for k, row in enumerate(joined) if k not in gone]
