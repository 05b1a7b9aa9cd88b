"""Letters of two rows that touch each other are cut apart between the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.layout.components import Components, Floats, Piece
from pipeline.layout.row import Row


def cut_touching(found: Components, rows: Sequence[Row]) -> tuple[Components, list[Row]]:
    """Cut every component that reaches into the band of another row.

    `found.labels` is changed in place: the cut-off ink gets new labels.

    Returns:
        The components with the new pieces appended, and the rows with them.
    """
    rows = _without_bridges(found, rows)
    pieces: list[Piece] = []
    gains: dict[int, list[int]] = {}
    next_label = found.highest + 1
    bounds: dict[int, tuple[int, int, int, int]] = {}
    bands = np.array([(r.x0, r.x1, r.top, r.bottom, r.slope) for r in rows]).reshape(-1, 5).T
    for n, row in enumerate(rows):
        heights = found.y1[row.members] - found.y0[row.members]
        for k in row.members[heights > 1.5 * row.height].tolist():
            x0, y0, x1, y1 = bounds[k] = _box(found, k)
            for m in _reached(bands, (x0, y0, x1, y1)):
                other = rows[m]
                cut = None if m == n else _cut_between(found, k, (x0, y0, x1, y1), row, other)
                if cut is None:
                    continue
                below = sum(other.band_at(x0)) > sum(row.band_at(x0))
                strip = slice(cut, y1) if below else slice(y0, cut)
                block = found.labels[strip, x0:x1]
                count, parts, stats, _ = cv2.connectedComponentsWithStats(
                    (block == found.label[k]).view(np.uint8), connectivity=8, ltype=cv2.CV_32S
                )
                for part in range(1, count):
                    block[parts == part] = next_label
                    left, top = x0 + int(stats[part, 0]), strip.start + int(stats[part, 1])
                    gains.setdefault(m, []).append(len(found) + len(pieces))
                    pieces.append(
                        (
                            next_label,
                            left,
                            top,
                            left + int(stats[part, 2]),
                            top + int(stats[part, 3]),
                            int(stats[part, 4]),
                        )
                    )
                    next_label += 1
                x0, y0, x1, y1 = bounds[k] = _ink_box(found, k, bounds[k])
    if not pieces:
        return found, list(rows)
    found = found.with_pieces(bounds, pieces)
    return found, [_gained(found, row, gains.get(n, [])) for n, row in enumerate(rows)]


def _without_bridges(found: Components, rows: Sequence[Row]) -> list[Row]:
    """Two letters that touch across rows are too high for either and became a row of their own.

    It is given to the first of the rows that it reaches. A drop capital reaches none: it stands
    left of its rows.
    """
    kept = list(rows)
    bands = np.array([(r.x0, r.x1, r.top, r.bottom, r.slope) for r in rows]).reshape(-1, 5).T
    for n, row in enumerate(rows):
        if len(row.members) > 1:
            continue
        k = int(row.members[0])
        x0, y0, x1, y1 = _box(found, k)
        reached = []
        for m in _reached(bands, (x0, y0, x1, y1)):
            top, bottom = rows[m].band_at((x0 + x1) / 2)
            shared = min(y1, bottom) - max(y0, top)
            if m != n and len(rows[m].members) > 1 and shared > 0.5 * rows[m].height:
                reached.append(m)
        if len(reached) >= 2:
            first = min(reached, key=lambda m: rows[m].band_at(x0)[0])
            kept[first] = _gained(found, kept[first], [k])
            kept[n] = replace(row, members=row.members[:0])
    return [r for r in kept if len(r.members)]


def _box(found: Components, k: int) -> tuple[int, int, int, int]:
    return int(found.x0[k]), int(found.y0[k]), int(found.x1[k]), int(found.y1[k])


def _reached(bands: Floats, box: tuple[int, int, int, int]) -> list[int]:
    """Rows whose band a box touches at all."""
    x0, y0, x1, y1 = box
    left, right, top, bottom, slope = bands
    at = slope * (x0 + x1) / 2
    touched = (x1 > left) & (x0 < right) & (y1 > top + at) & (y0 < bottom + at)
    return [int(m) for m in np.flatnonzero(touched)]


def _ink_box(
    found: Components, k: int, box: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    mine = found.labels[y0:y1, x0:x1] == found.label[k]
    if not mine.any():
        return box
    columns, lines = np.flatnonzero(mine.any(axis=0)), np.flatnonzero(mine.any(axis=1))
    return (
        x0 + int(columns[0]),
        y0 + int(lines[0]),
        x0 + int(columns[-1]) + 1,
        y0 + int(lines[-1]) + 1,
    )


def _cut_between(
    found: Components, k: int, box: tuple[int, int, int, int], row: Row, other: Row
) -> int | None:
    """Row of pixels with least ink between the two bands; None when k does not reach `other`."""
    x0, y0, x1, y1 = box
    if x1 <= other.x0 or x0 >= other.x1:
        return None
    x = (x0 + x1) / 2
    (top, bottom), (other_top, other_bottom) = row.band_at(x), other.band_at(x)
    shared = min(y1, other_bottom) - max(y0, other_top)
    if shared < 0.5 * other.height or min(bottom, other_bottom) > max(top, other_top):
        return None
    low, high = sorted((bottom, other_top) if other_top >= bottom else (other_bottom, top))
    first, last = max(int(low), y0 + 1), min(int(high) + 1, y1 - 1)
    if first >= last:
        return None
    ink = (found.labels[first:last, x0:x1] == found.label[k]).sum(axis=1)
    return first + int(ink.argmin())


def _gained(found: Components, row: Row, gains: Sequence[int]) -> Row:
    members = np.concatenate([row.members, np.array(gains, np.intp)])
    return replace(row, members=members[np.argsort(found.x0[members], kind="stable")])
