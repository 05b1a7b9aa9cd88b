"""Punched holes are no letters: round, filled, large, and nothing beside them."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.layout.components import Components, Sorted

_LARGE: Final = 1.8  # letter heights; points and bullets are smaller
_ROUND: Final = 1.15  # the longer side at most, in shorter ones
_FILL: Final = (0.66, 0.84)  # of the box; a threshold may leave the middle white
_ALONE: Final = 1.5  # widths to what else is as large: an O of a heading has others near
_AS_LARGE: Final = 0.5  # of its height


def set_holes_apart(found: Components, kinds: Sorted, text_height_px: float) -> Sorted:
    """The kinds with punched holes among the pictures.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        text_height_px: of a typical letter.
    """
    body = kinds.body
    height, width = found.height[body].astype(np.int64), found.width[body].astype(np.int64)
    low, high = np.minimum(height, width), np.maximum(height, width)
    fill = found.area[body] / (width * height)
    is_disc = (low >= _LARGE * text_height_px) & (high <= _ROUND * low)
    is_disc &= (fill >= _FILL[0]) & (fill <= _FILL[1])
    holes = [k for k in body[is_disc].tolist() if _is_alone(found, kinds, k)]
    if not holes:
        return kinds
    gone = np.zeros(len(found), np.bool_)
    gone[holes] = True
    apart = kinds.without(gone)
    return Sorted(
        body=apart.body,
        mark=apart.mark,
        rule=apart.rule,
        picture=np.concatenate([apart.picture, np.array(holes, np.intp)]),
        crossed=apart.crossed,
    )


def _is_alone(found: Components, kinds: Sorted, k: int) -> bool:
    others = kinds.body[found.height[kinds.body] >= _AS_LARGE * int(found.height[k])]
    others = others[others != k]
    reach = _ALONE * float(found.width[k])
    near = (
        (found.x1[others] > found.x0[k] - reach)
        & (found.x0[others] < found.x1[k] + reach)
        & (found.y1[others] > found.y0[k])
        & (found.y0[others] < found.y1[k])
    )
    return not near.any()
