"""Lines that the upper or lower edge of the scan cuts through.

Above and below a page a scan may show a strip of the next one, or of the page before. A line whose
letters end at the edge, all of them at one height, cannot be read, whosever it is; one that is
whole stays, however near to the edge it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.layout.components import Components, Flags, Floats
from pipeline.layout.row import Row, median
from pipeline.rotation import PageMapping

_LETTER: Final = 0.5  # of a row's height; dots and commas may be whole
_LEAST_LETTERS: Final = 2
_AT_EDGE_PX: Final = 1.5  # of the scan
_CUT: Final = 0.75  # of the letters end at the edge; of a whole line only the tall or hanging ones
_LONG: Final = 8  # letters of rows whose height is the page's
_WHOLE: Final = 0.85  # of that height: capitals that just touch the edge are whole


def are_cut(found: Components, rows: Sequence[Row], mapping: PageMapping | None) -> list[bool]:
    """Which rows the upper or lower edge of the scan cuts through.

    Args:
        found: the page's components.
        rows: of text.
        mapping: from the upright scan; None: the page is the scan.
    """
    heights = [row.height for row in rows if len(row.members) >= _LONG]
    if not heights:
        return [False] * len(rows)
    whole_px = _WHOLE * float(np.median(heights))
    page_px = float(found.labels.shape[0])
    return [_is_cut(found, row, whole_px, page_px, mapping) for row in rows]


def _is_cut(
    found: Components, row: Row, whole_px: float, page_px: float, mapping: PageMapping | None
) -> bool:
    letters = row.members[found.height[row.members] >= _LETTER * row.height]
    if len(letters) < _LEAST_LETTERS or median(found.height[letters]) >= whole_px:
        return False
    x = (found.x0[letters] + found.x1[letters]) / 2.0
    above = _upright_y(x, found.y0[letters].astype(np.float64), mapping) <= _AT_EDGE_PX
    last_px = page_px if mapping is None else float(mapping.source_size[1])
    below = _upright_y(x, found.y1[letters].astype(np.float64), mapping) >= last_px - _AT_EDGE_PX
    ends: tuple[Flags, Flags] = (above, below)
    return any(bool(end.mean() >= _CUT) for end in ends)


def _upright_y(x: Floats, y: Floats, mapping: PageMapping | None) -> Floats:
    if mapping is None:
        return y
    upright: Floats = mapping.to_upright_points(np.column_stack([x, y]))[:, 1]
    return upright
