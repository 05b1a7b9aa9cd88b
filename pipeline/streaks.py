"""Lines that a scanner draws: dirt on the glass of a feeder, from edge to edge of the picture.

Such a streak runs exactly along the columns of a scan, which is the way that the paper went,
through margins and letters alike, a few pixels wide. What it covers is put together again from both
sides of it; taken for a rule it would part the page into columns, and letters that it crosses would
lose a stroke or gain one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.image import GrayImage

#: A streak is no wider; what is wider is the edge of a sheet, a fold or a gutter.
_WIDEST_PX: Final = 5
#: So far beside a column is what it is compared with, px: beyond its own blurred edges.
_BESIDE_PX: Final = 4
#: Levels of gray that a streak is darker than the paper beside it, ...
_DARKER: Final = 24
#: ... in nearly all rows, but for those where letters stand on both sides of it; ...
_LEAST_DARK: Final = 0.97
#: ... and darker than both sides in so many. No rule reaches the edges of the paper so evenly.
_LEAST_ALONE: Final = 0.5
#: Of the paper: what is darker is ink.
_INK: Final = 0.75
#: One row in so many is looked at.
_EVERY_ROW: Final = 5
_LEAST_SIDE_PX: Final = 64


def without_streaks(scan: GrayImage) -> GrayImage | None:
    """The scan without streaks along its columns; None where there are none.

    Args:
        scan: (H, W) uint8, 0 = black; it is not changed.
    """
    streaks = find_streaks(scan)
    if not streaks:
        return None
    mended = scan.copy()
    for first, end in streaks:
        _bridge(mended, first, end)
    return mended


def find_streaks(scan: GrayImage) -> list[tuple[int, int]]:
    """First column of each streak, and the one behind it."""
    if min(scan.shape) < _LEAST_SIDE_PX:
        return []
    rows = scan[::_EVERY_ROW]
    left, inner, right = (
        rows[:, : -2 * _BESIDE_PX], rows[:, _BESIDE_PX:-_BESIDE_PX], rows[:, 2 * _BESIDE_PX :],
    )  # fmt: skip
    darker, lighter = np.minimum(left, right), np.maximum(left, right)
    seen = np.minimum(inner, 255 - _DARKER) + np.uint8(_DARKER)
    is_alone = (seen < darker).mean(axis=0) >= _LEAST_ALONE
    if not is_alone.any():
        return []
    ink = round(_INK * float(np.median(rows)))
    is_dark = (seen < lighter) | (lighter < ink)
    columns = np.flatnonzero(is_alone & (is_dark.mean(axis=0) >= _LEAST_DARK)) + _BESIDE_PX
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if len(columns) else []
    return [(int(r[0]), int(r[-1]) + 1) for r in runs if len(r) <= _WIDEST_PX]


def _bridge(scan: GrayImage, first: int, end: int) -> None:
    """Fill columns with what lies between the columns on both sides, in place."""
    left, right = max(0, first - 2), min(scan.shape[1] - 1, end + 1)
    share = np.linspace(0, 1, right - left + 1)[1:-1]
    ends = scan[:, [left, right]].astype(np.float32)
    filled = ends[:, :1] * (1 - share) + ends[:, 1:] * share
    scan[:, left + 1 : right] = np.round(filled).astype(np.uint8)
