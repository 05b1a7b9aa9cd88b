"""Reading order of blocks: top to bottom in a column, left column before right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.gutters import Gutter
from pipeline.layout.placed import Placed

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_SMALL = (3.0, 1.5)  # line heights: width and height of a mark in the margin, a stain, a number

_HEAD: Final = 0.08  # of the length of the text: a head is no higher
_CENTRED: Final = 0.1  # of the width of the text: the middle of a head is no farther off its own

#: More blocks than this are dirt, not a page design: they are read from top to bottom.
MAX_BLOCKS = 500


def reading_order(
    blocks: Sequence[Placed], line_px: float = 0.0, gutters: Sequence[Gutter] = ()
) -> list[int]:
    """A permutation of the blocks in which a reader would take them.

    Small blocks, as marks and stains in a margin are, decide nothing about the order of the others:
    each is read right before or behind the block that it is nearest to. Below all others, as
    numbers of pages stand, it is read last.

    Args:
        blocks: of a page.
        line_px: height of a usual line; 0: no block is small.
        gutters: between columns of the page.
    """

    def from_top(k: int) -> tuple[float, float]:
        return blocks[k].y0, blocks[k].x0

    small = {
        k
        for k, b in enumerate(blocks)
        if b.x1 - b.x0 <= _SMALL[0] * line_px and b.height <= _SMALL[1] * line_px
    }
    large = [k for k in range(len(blocks)) if k not in small]
    if not small or not large:
        return _order(blocks, gutters)
    beside: dict[int, list[int]] = {k: [] for k in large}
    foot = max(blocks[k].y1 for k in large)
    below = sorted((k for k in small if blocks[k].y0 >= foot), key=from_top)
    for k in sorted(small.difference(below), key=from_top):
        beside[min(large, key=lambda j: _distance(blocks[j], blocks[k]))].append(k)
    order: list[int] = []
    for k in (large[n] for n in _order([blocks[k] for k in large], gutters)):
        middle = (blocks[k].y0 + blocks[k].y1) / 2
        first = [j for j in beside[k] if (blocks[j].y0 + blocks[j].y1) / 2 < middle]
        order += [*first, k, *(j for j in beside[k] if j not in first)]
    return order + below


def _distance(a: Placed, b: Placed) -> float:
    """White between two boxes, px."""
    x = max(a.x0, b.x0) - min(a.x1, b.x1)
    y = max(a.y0, b.y0) - min(a.y1, b.y1)
    return float(np.hypot(max(x, 0.0), max(y, 0.0)))


def _order(blocks: Sequence[Placed], gutters: Sequence[Gutter] = ()) -> list[int]:
    """A permutation of the blocks in which a reader would take them.

    The partial order of Breuel (2003, "High performance document layout analysis"): a comes before
    b if they overlap in x and a is above, or if a is wholly to the left and no third block that
    overlaps both in x stands between them in y. Only blocks in columns are read so: of two that
    have nothing beside them, such as the date at the right of a letter and the greeting below, the
    upper comes first. Gutters show columns where lines of one are level with the white of the
    other, and that a name above a short speech has nothing beside it in its column. Contradictions
    are settled by taking the uppermost, then the leftmost of the blocks with the fewest unread
    blocks before them.

    >>> left = [Placed(x0=0, y0=y, x1=40, y1=y + 8) for y in (10, 20)]
    >>> right = [Placed(x0=50, y0=y, x1=90, y1=y + 8) for y in (10, 20)]
    >>> heading = Placed(x0=0, y0=0, x1=90, y1=8)
    >>> _order([*right, *left, heading])
    [4, 2, 3, 0, 1]
    """
    count = len(blocks)
    if count > MAX_BLOCKS:
        return sorted(range(count), key=lambda k: (blocks[k].y0, blocks[k].x0))
    x0, y0, x1, y1 = (
        np.array([getattr(b, name) for b in blocks], np.float64)
        for name in ("x0", "y0", "x1", "y1")
    )
    middle = (y0 + y1) / 2
    over = np.greater(np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0), 0)
    above = middle[:, None] < middle[None, :]
    before = over & above
    level = np.greater(np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0), 0)
    in_columns = np.any(level & ~over, axis=1)
    left_of = (x1[:, None] <= x0[None, :]) & ~over
    parted, together = _sides_of_gutters(x0, y0, x1, y1, gutters)
    alone = left_of & ~np.logical_or.outer(in_columns, in_columns)
    alone |= left_of & together & ~level
    alone &= ~parted
    before |= (alone | alone.T) & above
    left_of &= ~alone
    for a, b in zip(*np.nonzero(left_of), strict=True):
        top, bottom = min(y0[a], y0[b]), max(y1[a], y1[b])
        between = over[a] & over[b] & (middle > top) & (middle < bottom)
        before[a, b] = not between.any()
    for k in _heads(x0, y0, x1, y1, level & ~over) if count else ():
        upper, lower = middle < middle[k], middle > middle[k]
        before[k], before[:, k] = lower, upper
        # What is above a head is above all below it, too, dirt in the margin for instance.
        before |= np.logical_and.outer(upper, lower)
        before &= ~np.logical_and.outer(lower, upper)
    np.fill_diagonal(before, val=False)
    waiting = before.sum(axis=0)
    left = set(range(count))
    order: list[int] = []
    while left:
        k = min(left, key=lambda j: (waiting[j], y0[j], x0[j]))
        left.remove(k)
        order.append(k)
        waiting -= before[k]
    return order


def _heads(x0: Floats, y0: Floats, x1: Floats, y1: Floats, beside: Flags) -> list[int]:
    """Which blocks are heads above the first columns: nothing beside them, in the page's middle.

    That of three columns stands above the second, and is not part of it.

    Args:
        x0: left ends of the blocks (N,).
        y0: upper ends.
        x1: right ends.
        y1: lower ends.
        beside: (N, N) which stand level with which.
    """
    heads: list[int] = []
    middle, width, length = (x0.min() + x1.max()) / 2, x1.max() - x0.min(), y1.max() - y0.min()
    for k in np.argsort(y0, kind="stable").tolist():
        band = np.append(np.flatnonzero(beside[k]), k)
        if (y1[band] - y0[band]).max() > _HEAD * length:
            break
        if len(band) == 1 and abs((x0[k] + x1[k]) / 2 - middle) <= _CENTRED * width:
            heads.append(k)
    return heads


def _sides_of_gutters(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, gutters: Sequence[Gutter]
) -> tuple[Flags, Flags]:
    """(N, N) which blocks stand on the two sides of a gutter, and which on one side of one.

    Args:
        x0: left ends of the blocks (N,).
        y0: upper ends.
        x1: right ends.
        y1: lower ends.
        gutters: between columns.
    """
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    parted = np.zeros((len(x), len(x)), np.bool_)
    together = parted.copy()
    for gutter in gutters:
        beside = (y >= gutter.y0_px) & (y <= gutter.y1_px)
        left, right = beside & (x < gutter.x_px), beside & (x > gutter.x_px)
        parted |= np.logical_and.outer(left, right) | np.logical_and.outer(right, left)
        together |= np.logical_and.outer(left, left) | np.logical_and.outer(right, right)
    return parted, together & ~parted
