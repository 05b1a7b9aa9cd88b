"""Components of a line grouped into glyphs: dots joined to their letters, broken letters mended.

What touches is not cut and what is broken sideways is not joined here: only the classifier can
tell, so that is the engine's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Box4 = tuple[int, int, int, int]  # x0, y0, x1, y1, half-open

_MARK: Final = 0.5  # lower than this, in x-heights, is a mark
_BESIDE: Final = 0.2  # of the lower one's height is shared: not above each other


def group_components(
    boxes: Sequence[Box4], baseline_y: Sequence[float], x_height_px: float
) -> list[list[int]]:
    """Which components make one glyph.

    Args:
        boxes: of the components, sorted by x0.
        baseline_y: height of the baseline under each of them.
        x_height_px: of the line.

    Returns:
        Indices of the components of each glyph, glyphs from left to right.

    >>> i_with_dot, comma = [(0, 10, 4, 30), (0, 2, 4, 6)], [(12, 26, 16, 34)]
    >>> group_components(i_with_dot + comma, [30.0] * 3, 20.0)
    [[0, 1], [2]]
    """
    parent = list(range(len(boxes)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for a, box in enumerate(boxes):
        for b in range(a + 1, len(boxes)):
            if boxes[b][0] >= box[2] + 0.15 * x_height_px:
                # Boxes are sorted by their left edge, but a wide one may reach farther.
                break
            if _are_side_by_side(box, boxes[b]):
                continue
            if root(a) != root(b) and _is_one(box, boxes[b], baseline_y[b], x_height_px):
                parent[root(b)] = root(a)
    groups: dict[int, list[int]] = {}
    for k in range(len(boxes)):
        groups.setdefault(root(k), []).append(k)
    # Each begins with its leftmost box, and they were begun from left to right.
    return list(groups.values())


def _are_side_by_side(a: Box4, b: Box4) -> bool:
    """Whether a box begins behind another and beside it, as most neighbours on a line do."""
    shared_y = (a[3] if a[3] < b[3] else b[3]) - (a[1] if a[1] > b[1] else b[1])
    low = a[3] - a[1] if a[3] - a[1] < b[3] - b[1] else b[3] - b[1]
    return b[0] >= a[2] and shared_y > _BESIDE * low


def _is_one(a: Box4, b: Box4, baseline_y: float, x_height_px: float) -> bool:
    shared_x = min(a[2], b[2]) - max(a[0], b[0])
    narrow = min(a[2] - a[0], b[2] - b[0])
    gap_y = max(a[1], b[1]) - min(a[3], b[3])
    if shared_x >= 0.8 * narrow and _inside(a, b):
        return True
    upper, lower = (a, b) if a[1] + a[3] < b[1] + b[3] else (b, a)
    if gap_y < -_BESIDE * min(a[3] - a[1], b[3] - b[1]):
        return False  # side by side, not above each other
    if lower[3] - upper[1] > 3.2 * x_height_px:
        return False
    mark_px = _MARK * x_height_px
    upper_is_mark = upper[3] - upper[1] < mark_px and upper[2] - upper[0] < 1.2 * x_height_px
    lower_is_mark = lower[3] - lower[1] < mark_px
    if upper_is_mark and not lower_is_mark:
        return _dots(upper, lower, shared_x, baseline_y, x_height_px)
    if lower_is_mark and not upper_is_mark:
        return _stands_under(lower, upper, shared_x)
    # Two marks (: = ;) or two halves of a letter.
    return shared_x >= 0.5 * narrow


def _inside(a: Box4, b: Box4) -> bool:
    """Whether the lower of two boxes lies within the height of the other."""
    low, high = (a, b) if a[3] - a[1] <= b[3] - b[1] else (b, a)
    return min(low[3], high[3]) - max(low[1], high[1]) >= 0.8 * (low[3] - low[1])


def _dots(mark: Box4, letter: Box4, shared_x: float, baseline_y: float, x_height_px: float) -> bool:
    """A dot or accent above a letter; the dot of an italic i stands right of its stem."""
    if baseline_y - mark[3] < 0.8 * x_height_px and letter[3] - letter[1] > 0.7 * x_height_px:
        return shared_x >= 0.5 * (mark[2] - mark[0])
    letter_width = letter[2] - letter[0]
    if letter_width <= 0.8 * x_height_px:
        return shared_x > -0.12 * x_height_px
    middle = (mark[0] + mark[2]) / 2
    return letter[0] + 0.1 * letter_width <= middle <= letter[2] - 0.1 * letter_width


def _stands_under(mark: Box4, letter: Box4, shared_x: float) -> bool:
    """The dot of ! ? and the tail of a broken letter, not the full stop behind a T or a Y."""
    mark_width, letter_width = mark[2] - mark[0], letter[2] - letter[0]
    if letter_width <= 1.6 * mark_width:
        return shared_x >= 0.5 * min(mark_width, letter_width)
    middle = (mark[0] + mark[2]) / 2
    return letter[0] + 0.2 * letter_width <= middle <= letter[2] - 0.25 * letter_width
