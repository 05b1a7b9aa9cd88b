"""Where the sheet ends on a scan: beyond it there is a table, or the leaf of a neighbour.

The tone of a sheet changes at its side from one letter's width to the next, all along the scan and
on a nearly straight line; a shadow is a slope. The line is the way from edge to edge with the most
sharp changes, found as a seam is (Avidan and Shamir 2007, "Seam carving").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Floats
from pipeline.layout.photographs import ScanTones, Tones

Edge = Literal["left", "right", "top", "bottom"]

_OUTER: Final = 0.3  # of the scan on either side, in which a sheet may end
_BAND: Final = 6  # cells along the side that are one step of the seam, about two letter heights
_MOST_STEP: Final = 2  # cells that the seam moves from one band to the next
_LEAST_BANDS: Final = 10
_NEAR: Final = 2  # cells: a side is as sharp as that
_WIDE: Final = 4  # cells on either side of that, whose tones are compared
_SHARP: Final = 0.8  # of the difference of those is within the sharp part; of a slope half
_STEEP: Final = 0.12  # change within the sharp part that no shadow has: pages lie on a cover
_RIM: Final = -0.5  # cells from the innermost cell that shows a side to the side itself
_LEAST_CHANGE: Final = 0.04  # of the paper's brightness, from one side to the other
_ALL_ALONG: Final = 0.75  # of the bands have it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One side of the sheet: a line from edge to edge of the upright scan."""

    edge: Edge  # of the scan that is beyond it
    along_px: Floats  # (N,) rising: y where the edge is left or right, x where it is top or bottom
    across_px: Floats  # (N,) the other coordinate there

    def depth_px(self, xy: Floats) -> Floats:
        """(N,) how far points (N, 2) on the upright scan are beyond the sheet; below 0: on it."""
        k = 0 if self.edge in ("left", "right") else 1
        line = np.interp(xy[:, 1 - k], self.along_px, self.across_px)
        depth: Floats = line - xy[:, k] if self.edge in ("left", "top") else xy[:, k] - line
        return depth


def find_sides(scan: ScanTones) -> tuple[Side, ...]:
    """The sides of the sheet that are within the scan; text beyond them is for others to look for.

    Args:
        scan: tones of the upright scan.
    """
    tones, cell_px = scan.cells, scan.cell_px
    found = []
    edges: tuple[tuple[Edge, Tones], ...] = (
        ("left", tones),
        ("right", tones[:, ::-1]),
        ("top", tones.T),
        ("bottom", tones[::-1].T),
    )
    for edge, turned in edges:
        seam = _seam(turned)
        if seam is not None:
            seam = seam + _RIM
            across = seam if edge in ("left", "top") else turned.shape[1] - seam
            along = (np.arange(len(seam), dtype=np.float64) + 0.5) * _BAND
            found.append(Side(edge=edge, along_px=along * cell_px, across_px=across * cell_px))
    return tuple(found)


def _seam(tones: Tones) -> Floats | None:
    """Where a sheet ends at the left of the scan, in cells, for each band; None: it does not."""
    count, width = len(tones) // _BAND, int(_OUTER * tones.shape[1])
    margin = _NEAR // 2 + _WIDE
    if count < _LEAST_BANDS or width <= 2 * margin:
        return None
    outer = tones[: count * _BAND, : width + margin]
    bands = outer.reshape(count, _BAND, -1).mean(axis=1, dtype=np.float64)
    sums = np.cumsum(np.pad(bands, ((0, 0), (1, 0))), axis=1)
    means = (sums[:, _WIDE:] - sums[:, :-_WIDE]) / _WIDE
    # Change at x: what is from x + 1 on against what ends at x - 1.
    x = np.arange(margin, width)
    change = means[:, x + _NEAR // 2] - means[:, x - _NEAR // 2 - _WIDE]
    sharp = bands[:, x + _NEAR // 2] - bands[:, x - _NEAR // 2 - 1]
    for sign in (1.0, -1.0):
        is_side = (sign * change >= _LEAST_CHANGE) & (sign * sharp >= _SHARP * sign * change)
        is_side |= sign * sharp >= _STEEP
        if is_side.any(axis=1).mean() < _ALL_ALONG:  # most pages are done with here
            continue
        # Of several, as of a cover and the leaves that lie on it, the innermost.
        path = _best_path(np.where(is_side, 1.0 + x / width, 0.0))
        if is_side[np.arange(count), path].mean() >= _ALL_ALONG:
            return x[path].astype(np.float64)
    return None


def _best_path(score: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """(N,) the column of each row of (N, W) on the way down with the greatest sum."""
    width = score.shape[1]
    beside = np.full(width + 2 * _MOST_STEP, -np.inf)
    # Straight on where all are alike.
    turn = 1e-6 * np.abs(np.arange(-_MOST_STEP, _MOST_STEP + 1))
    near = np.lib.stride_tricks.sliding_window_view(beside, len(turn))
    total = score[0]
    came: list[npt.NDArray[np.intp]] = []
    for row in score[1:]:
        beside[_MOST_STEP:-_MOST_STEP] = total
        choices = near - turn
        which = choices.argmax(axis=1)
        came.append(np.arange(width) + which - _MOST_STEP)
        total = choices.max(axis=1) + row
    path = [int(total.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], np.intp)
