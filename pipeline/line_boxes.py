"""Boxes of the characters of a line read as a whole: the path's columns, snapped to the ink."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from pipeline.ctc import Spoken
from pipeline.engines.engine import LineImage


def character_spans(
    spoken: Sequence[Spoken], columns_per_step: float, width_px: int
) -> list[tuple[int, int]]:
    """Half-open column ranges that part the crop between its characters.

    A boundary lies half-way between the runs of two neighbours; the outer ones end one run's
    width beyond their run.

    Args:
        spoken: the characters of the best path, from left to right.
        columns_per_step: columns of the crop for one frame of the network.
        width_px: of the crop.

    Returns:
        One (x0, x1) a character, 0 <= x0 < x1 <= width_px, ascending, none overlapping as long as
        the crop has at least one column a character.
    """
    if not spoken:
        return []
    starts = [s.start * columns_per_step for s in spoken]
    ends = [s.end * columns_per_step for s in spoken]
    reach = 2 * columns_per_step
    edges = [max(0.0, starts[0] - reach)]
    edges += [(end + start) / 2 for end, start in zip(ends, starts[1:], strict=False)]
    edges.append(min(float(width_px), ends[-1] + reach))
    spans = []
    for left, right in itertools.pairwise(edges):
        x0 = min(int(left), width_px - 1)
        spans.append((x0, min(max(x0 + 1, int(np.ceil(right))), width_px)))
    return spans


def ink_extent(
    line: LineImage, x0_px: int, x1_px: int, *, is_space: bool
) -> tuple[int, int, int, int]:
    """The box of the line's own ink between two columns; of an empty gap for a space.

    Returns:
        (x0, y0, x1, y1) in pixels of the crop, half-open, never empty.
    """
    height = line.gray.shape[0]
    baseline = line.baseline_at((x0_px + x1_px) / 2)
    top = int(np.clip(baseline - line.x_height_px, 0, height - 1))
    bottom = int(np.clip(np.ceil(baseline), top + 1, height))
    if is_space:
        return x0_px, top, x1_px, bottom
    own = line.owner[:, x0_px:x1_px] > 0
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    if len(rows) == 0:
        return x0_px, top, x1_px, bottom
    return (
        x0_px + int(columns[0]),
        int(rows[0]),
        x0_px + int(columns[-1]) + 1,
        int(rows[-1]) + 1,
    )
