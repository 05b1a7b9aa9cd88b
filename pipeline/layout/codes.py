"""Barcodes and QR codes: pictures for machines, whose bars and squares look like letters.

A barcode is bars of one height beside each other: lines of pixels across it are alike wherever they
are taken. A QR code has a ring around a square in three of its corners (ISO/IEC 18004).
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags
from pipeline.layout.placed import Placed

Indices = npt.NDArray[np.intp]

_BAR: Final = (1.8, 14.0)  # letter heights; an l is lower
_SLENDER: Final = 2.5  # times as high as wide; bars that touch are wider
_LEAST_BARS: Final = 8
_GAP: Final = 1.2  # letter heights between bars
_LEVEL: Final = 0.12  # of a bar's height that its ends may be higher or lower than the next one's
_BAR_INK: Final = 0.45  # of a bar's height that is ink; letters beside a code are lower
_LINES: Final = (0.2, 0.5, 0.8)  # of its height, where lines across a code are compared
_ALIKE: Final = 0.85  # of the pixels of two such lines
_LEAST_EDGES: Final = 30  # of such a line: 15 bars
_SQUARE: Final = (0.75, 1.33)  # width by height
_RING_INK: Final = (0.35, 0.65)  # of a ring's box: 24 of 49 modules
_CORNER: Final = 0.07  # of a ring's side from its edges: half a module
_CORE: Final = (0.3, 0.58)  # side of the square by that of its ring: 3 of 7 modules
_CORE_INK: Final = 0.75
_LEAST_RING_PX: Final = 9
_MOST_RINGS: Final = 30
_OFF: Final = 0.2  # of a code's side that its corners may be off a square
_SIDE: Final = (1.6, 26.0)  # distance of rings in rings: 14 modules and more
_QUIET: Final = 0.2  # of a ring's side around a code that is taken with it


def find_codes(found: Components, text_height_px: float) -> tuple[Placed, ...]:
    """The boxes of barcodes and QR codes; digits below a barcode are beside its box.

    Args:
        found: the components of a level page.
        text_height_px: of a typical letter.
    """
    return (*_barcodes(found, text_height_px), *_square_codes(found))


def _barcodes(found: Components, t: float) -> list[Placed]:
    height, width = found.height, found.width
    bars = np.flatnonzero(
        (height >= _BAR[0] * t) & (height <= _BAR[1] * t) & (height >= _SLENDER * width)
    )
    if len(bars) < _LEAST_BARS:
        return []
    codes = []
    for group in _beside_each_other(found, bars, t):
        x0, x1 = int(found.x0[group].min()), int(found.x1[group].max())
        y0, y1 = (int(np.median(v[group])) for v in (found.y0, found.y1))
        lines = [found.labels[round(y0 + at * (y1 - y0)), x0:x1] > 0 for at in _LINES]
        edges = min(int(np.count_nonzero(line[1:] != line[:-1])) for line in lines)
        alike = min(float((a == b).mean()) for a, b in combinations(lines, 2))
        if edges >= _LEAST_EDGES and alike >= _ALIKE:
            x0, x1 = _grown(found, (x0, y0, x1, y1), _GAP * t)
            codes.append(Placed(x0=x0, y0=y0, x1=x1, y1=y1))
    return [code for code in codes if not any(_is_within(code, other) for other in codes)]


def _grown(found: Components, box: tuple[int, int, int, int], gap_px: float) -> tuple[int, int]:
    """The left and right end of a code with bars that are torn or touch each other."""
    x0, y0, x1, y1 = box
    ink = np.count_nonzero(found.labels[y0:y1], axis=0)
    bars = np.flatnonzero(ink >= _BAR_INK * (y1 - y0))
    parts = np.split(bars, np.flatnonzero(np.diff(bars) > gap_px) + 1)
    own = [part for part in parts if len(part) and part[0] < x1 and part[-1] >= x0]
    ends = [x0, x1, *(int(part[0]) for part in own), *(int(part[-1]) + 1 for part in own)]
    return min(ends), max(ends)


def _is_within(code: Placed, other: Placed) -> bool:
    return other is not code and other.x0 <= code.x0 and code.x1 <= other.x1 and other.y0 == code.y0


def _beside_each_other(found: Components, bars: Indices, t: float) -> list[Indices]:
    """Bars that end level with the one before them and stand near it, from left to right."""
    order = bars[np.argsort(found.x0[bars], kind="stable")]
    boxes = np.column_stack([v[order] for v in (found.x0, found.y0, found.x1, found.y1)]).tolist()
    groups: list[list[int]] = []
    growing: list[int] = []
    for n, (left, top, _, bottom) in enumerate(boxes):
        off = max(2.0, _LEVEL * (bottom - top))
        growing = [g for g in growing if left - boxes[groups[g][-1]][2] <= _GAP * t]
        for g in growing:
            _, last_top, _, last_bottom = boxes[groups[g][-1]]
            if abs(top - last_top) <= off and abs(bottom - last_bottom) <= off:
                groups[g].append(n)
                break
        else:
            growing.append(len(groups))
            groups.append([n])
    return [order[group] for group in groups if len(group) >= _LEAST_BARS]


def _square_codes(found: Components) -> list[Placed]:
    rings = _rings(found)[:_MOST_RINGS]
    codes = []
    used: set[int] = set()
    for trio in combinations(rings.tolist(), 3):
        if used.isdisjoint(trio) and _is_corner_trio(found, trio):
            used.update(trio)
            quiet = _QUIET * float(found.width[trio[0]])
            codes.append(
                Placed(
                    x0=float(found.x0[list(trio)].min()) - quiet,
                    y0=float(found.y0[list(trio)].min()) - quiet,
                    x1=float(found.x1[list(trio)].max()) + quiet,
                    y1=float(found.y1[list(trio)].max()) + quiet,
                )
            )
    return codes


def _rings(found: Components) -> Indices:
    """Square rings with a square in their middle, the largest first."""
    height, width = found.height, found.width
    ink = found.area / np.maximum(height.astype(np.float64) * width, 1)
    shape = width / np.maximum(height, 1)
    is_square: Flags = (shape >= _SQUARE[0]) & (shape <= _SQUARE[1])
    rings = np.flatnonzero(
        is_square
        & (np.minimum(height, width) >= _LEAST_RING_PX)
        & (ink >= _RING_INK[0])
        & (ink <= _RING_INK[1])
    )
    of = np.full(int(found.label.max(initial=0)) + 1, -1, np.intp)
    of[found.label] = np.arange(len(found))
    x, y = (found.x0[rings] + found.x1[rings]) // 2, (found.y0[rings] + found.y1[rings]) // 2
    # Where the whole core is as dark as its surroundings, its very middle may have been left white.
    off = np.maximum(1, found.width[rings] // 10)
    labels = np.maximum(found.labels[y, x], found.labels[y - off, x - off])
    core = np.where((labels > 0) & (labels < len(of)), of[np.minimum(labels, len(of) - 1)], -1)
    rings, core = rings[(core >= 0) & (core != rings)], core[(core >= 0) & (core != rings)]
    side = width[core] / np.maximum(width[rings], 1)
    has_core = is_square[core] & (ink[core] >= _CORE_INK) & (side >= _CORE[0]) & (side <= _CORE[1])
    rings = rings[has_core & _has_corners(found, rings)]
    largest: Indices = rings[np.argsort(-found.area[rings], kind="stable")]
    return largest


def _has_corners(found: Components, rings: Indices) -> Flags:
    """Whether there is ink of a ring in each corner of its box: round letters have none."""
    inset_x = np.maximum(1, (_CORNER * found.width[rings]).astype(np.int64))
    inset_y = np.maximum(1, (_CORNER * found.height[rings]).astype(np.int64))
    has: Flags = np.ones(len(rings), np.bool_)
    for x in (found.x0[rings] + inset_x, found.x1[rings] - 1 - inset_x):
        for y in (found.y0[rings] + inset_y, found.y1[rings] - 1 - inset_y):
            has &= found.labels[y, x] == found.label[rings]
    return has


def _is_corner_trio(found: Components, trio: tuple[int, ...]) -> bool:
    """Whether three rings of one size are corners of a square, whichever way the code is turned."""
    which = list(trio)
    side = found.width[which].astype(np.float64)
    if side.max() > 1.3 * side.min():
        return False
    x = (found.x0[which] + found.x1[which]) / 2.0
    y = (found.y0[which] + found.y1[which]) / 2.0
    near, far, across = sorted(
        float(np.hypot(x[a] - x[b], y[a] - y[b])) for a, b in combinations(range(3), 2)
    )
    return (
        far - near <= _OFF * far
        and abs(across - np.sqrt(2) * (near + far) / 2) <= _OFF * across
        and _SIDE[0] * side.mean() <= near <= _SIDE[1] * side.mean()
    )
