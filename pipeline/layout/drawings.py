"""Maps and drawings: ink that is neither letter nor straight line is all over their box."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Sorted
from pipeline.layout.placed import Placed

Indices = npt.NDArray[np.intp]

_CELL: Final = 2.0  # letter heights
_CELL_INK: Final = 0.02  # of a cell
#: Of the cells inside of a drawing have ink of it: winding lines of a map 0.22 and more, letters
#: that touch the lines of a table 0.07.
_DRAWN: Final = 0.2
_INSET: Final = 0.15  # of the box on each side is its frame's
_LEAST_FRAME: Final = 15.0  # letter heights of a drawing's frame; a box on a form is lower
_MOST_FRAMES: Final = 8
_LARGE: Final = 6.0  # letter heights from which a piece of ink on both sides is a drawing's
_MOST_PARTS: Final = 400  # large pieces of ink that are looked at; a page of noise has more
NEAR: Final = 1.0  # letter heights between pieces of one picture
_OF_PHOTOGRAPH: Final = 0.25  # of ink's box: it is the photograph's frame
_LONG: Final = 0.5  # of a frame's width or height has a line of a grid, a map has none so long


def framed_drawings(found: Components, kinds: Sorted, text_height_px: float) -> tuple[Placed, ...]:
    """Boxes of frames with a drawing in them, before their lines are taken for rules.

    A frame around text, a table and a form have nothing winding in them, or lines that cross them.
    """
    t = text_height_px
    large = np.concatenate([kinds.picture, kinds.rule])
    boxes = merged([Placed.of_component(found, k) for k in large_parts(found, large, t)], NEAR * t)
    frames = [box for box in boxes if is_large(box, t)]
    frames = sorted(frames, key=attrgetter("area"), reverse=True)[:_MOST_FRAMES]
    return tuple(
        box for box in frames if is_drawn(found, box, large, t) and not _is_crossed(found, box)
    )


def is_large(box: Placed, text_height_px: float) -> bool:
    """Whether a box is as large as drawings are, and larger than a pen's loop around an amount."""
    return min(box.x1 - box.x0, box.height) >= _LEAST_FRAME * text_height_px


def has_large(found: Components, kinds: Sorted, text_height_px: float) -> bool:
    """Whether any one piece of ink is as high and wide as drawings are."""
    ink = np.concatenate([kinds.picture, kinds.rule])
    least_px = _LEAST_FRAME * text_height_px
    return bool(np.any((found.height[ink] >= least_px) & (found.width[ink] >= least_px)))


def large_parts(found: Components, large: Indices, text_height_px: float) -> list[int]:
    """Those of the large components that are so high and so wide, the largest first."""
    least_px = _LARGE * text_height_px
    parts = large[(found.height[large] >= least_px) & (found.width[large] >= least_px)]
    order = np.argsort(-found.area[parts], kind="stable")[:_MOST_PARTS]
    parts_sorted: list[int] = parts[order].tolist()
    return parts_sorted


def is_drawn(
    found: Components,
    box: Placed,
    large: Indices,
    text_height_px: float,
    display: Sequence[Indices] = (),
) -> bool:
    """Whether ink that is neither letter nor straight line is all over a box, not around it.

    A frame, a grid and a pen's loop around an amount are straight, or leave the middle free.

    Args:
        found: the page's components.
        box: on that page.
        large: components that are no letters.
        text_height_px: of a typical letter.
        display: letters far larger than the page's.
    """
    t = text_height_px
    labels = _inside(found, box)
    is_large = np.zeros(int(found.label.max(initial=0)) + 1, np.uint8)
    is_large[found.label[large]] = 1
    is_large[found.label[(found.height > 2.5 * t) | (found.width > 5 * t)]] = 1
    for group in display:
        is_large[found.label[group]] = 0
    ink = is_large[np.minimum(labels, len(is_large) - 1)]
    ink[labels >= len(is_large)] = 0
    length = max(3, round(2 * t))
    level = _opened(ink, 1, length)
    upright = _opened(ink, length, 1)
    rest = np.asarray(ink * (1 - level) * (1 - upright), np.float32)
    height, width = labels.shape
    size = (max(1, round(width / (_CELL * t))), max(1, round(height / (_CELL * t))))
    # A photograph is solid: long runs both ways are not what a rule has.
    solid = np.asarray(level * upright, np.float32)
    cells = cv2.resize(rest + solid, size, interpolation=cv2.INTER_AREA)
    return float((cells >= _CELL_INK).mean()) >= _DRAWN


def _is_crossed(found: Components, box: Placed) -> bool:
    """Whether a level or upright line runs through most of a box, as in a grid."""
    ink = np.asarray(_inside(found, box) > 0, np.uint8)
    height, width = ink.shape
    across = _opened(ink, 1, max(3, round(_LONG * width))).any()
    return bool(across or _opened(ink, max(3, round(_LONG * height)), 1).any())


def _inside(found: Components, box: Placed) -> npt.NDArray[np.int32]:
    """The labels of a box without its rim."""
    inset_x, inset_y = _INSET * (box.x1 - box.x0), _INSET * (box.y1 - box.y0)
    rows = slice(round(box.y0 + inset_y), round(box.y1 - inset_y))
    return found.labels[rows, round(box.x0 + inset_x) : round(box.x1 - inset_x)]


def _opened(ink: npt.NDArray[np.uint8], rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """The runs of ink that are at least so long."""
    kernel = np.ones((rows, columns), np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)


def around_photographs(
    boxes: Sequence[Placed], photographs: Sequence[Placed], reach_px: float
) -> tuple[list[Placed], list[Placed]]:
    """Boxes of which photographs that they nearly touch are a large part, and the others."""
    around: list[Placed] = []
    others: list[Placed] = []
    for box in boxes:
        near = [p for p in photographs if _is_near(box, p, reach_px)]
        whole = Placed.around([box, *near])
        share = sum(p.area for p in near) / max(whole.area, 1.0)
        (around if share >= _OF_PHOTOGRAPH else others).append(box)
    return around, others


def with_photographs(
    boxes: Sequence[Placed], photographs: Sequence[Placed], reach_px: float
) -> list[Placed]:
    """Boxes and photographs; a box is one with the photographs that it nearly touches.

    Photographs beside each other are not: the box around two has room for text beside one.
    """
    near = [[p for p in photographs if _is_near(box, p, reach_px)] for box in boxes]
    alone = [p for p in photographs if not any(p in found for found in near)]
    joined = [Placed.around([box, *found]) for box, found in zip(boxes, near, strict=True)]
    return merged([*joined, *alone], 0.0)


def merged(boxes: Sequence[Placed], reach_px: float) -> list[Placed]:
    """Boxes that overlap or nearly touch, as one."""
    merged: list[Placed] = []
    for box in sorted(boxes, key=attrgetter("area"), reverse=True):
        at = box
        while near := [m for m in merged if _is_near(m, at, reach_px)]:
            merged = [m for m in merged if m not in near]
            at = Placed.around([at, *near])
        merged.append(at)
    return merged


def _is_near(a: Placed, b: Placed, reach_px: float) -> bool:
    x, y = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return min(x, y) > -reach_px
