"""Letters that touch a pen's loop around them, or the frame that they stand in, come free.

A thin long stroke and all letters that it touches are one piece of ink, far too large for text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.components import MAX_LETTER, Components, Flags, Piece, Sorted
from pipeline.layout.loop_words import cut_word, words_across
from pipeline.layout.pictures import holds, is_steady
from pipeline.layout.placed import Placed
from pipeline.layout.row import Row, with_gains

Indices = npt.NDArray[np.intp]

_LEAST_SIDE: Final = 2.5  # letter heights of a loop
_MOST_FILLED: Final = 0.25  # of a loop's box is ink; a picture has more
_SMALL_HEIGHT: Final = 1.3  # letter heights of a loop around a few letters
_SMALL_WIDTH: Final = 1.8
_SMALL_FILLED: Final = 0.5  # of such a loop's box is ink
_INNER: Final = 0.4  # letter heights of what stands in it
_PASSED: Final = 0.65  # of its width has ink in the upper third, and in the lower
_MOST_ASKED: Final = 300  # pieces of ink that may be small loops; a page of noise has more
_THICKEST: Final = 0.6  # letter heights
_DRAWING: Final = 150.0  # squares of letter heights: a loop is around a few words
_MOST_LOOPS: Final = 40
_MOST_PIXELS: Final = 3_000_000  # of a loop's box: a frame around a page is no loop
_LEAST_ROW: Final = 3  # letters of a row that shows where its others stand
_LONG_ROW: Final = 8  # letters of a row that must stand in line
_INK_OF_ROW: Final = 0.15  # of such a row's width; columns of a receipt stand apart
_MOST_WORDS: Final = 12  # that a loop touches
_MOST_FREED: Final = 0.6  # of a loop's ink may be letters


def set_loops_apart(found: Components, kinds: Sorted, text_height_px: float) -> Sorted:
    """The kinds with loops that are as small as letters among the rules.

    A letter, or a word whose letters touch, has nothing within it that is as high as a letter.
    """
    t, body = text_height_px, kinds.body
    height, width = found.height[body], found.width[body]
    may_be = (height >= _SMALL_HEIGHT * t) & (width >= _SMALL_WIDTH * t)
    may_be &= found.area[body] <= _SMALL_FILLED * height * width
    asked = body[may_be][:_MOST_ASKED]
    letters = body[height >= _INNER * t]
    loops = [k for k in asked.tolist() if _is_around_any(found, k, letters)]
    if not loops:
        return kinds
    return replace(
        kinds,
        body=np.setdiff1d(body, loops),
        rule=np.concatenate([kinds.rule, np.array(loops, np.intp)]),
    )


def _is_around_any(found: Components, k: int, letters: Indices) -> bool:
    """Whether a piece of ink has letters in its box, and passes both above and below.

    An underline and the letters that touch it have other letters in their box, too, but above them
    there is ink of a few letters only.
    """
    left, top, right, bottom = (int(v[k]) for v in (found.x0, found.y0, found.x1, found.y1))
    x0, y0, x1, y1 = (v[letters] for v in (found.x0, found.y0, found.x1, found.y1))
    if not np.any((x0 > left) & (y0 > top) & (x1 < right) & (y1 < bottom)):
        return False
    ink = found.labels[top:bottom, left:right] == found.label[k]
    third = max(1, (bottom - top) // 3)
    return bool(min(part.any(axis=0).mean() for part in (ink[:third], ink[-third:])) >= _PASSED)


def free_letters(
    found: Components,
    kinds: Sorted,
    rows: Sequence[Row],
    pictures: Sequence[Placed],
    text_height_px: float,
) -> tuple[Components, list[Row]]:
    """Cut letters off from thin long strokes that cross their rows.

    `found.labels` is changed in place: the letters get new labels.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        rows: of text.
        pictures: the strokes of large ones are left alone; a small one may be a loop with letters.
        text_height_px: of a typical letter.

    Returns:
        The components with the letters appended, and the rows with them.
    """
    loops = _loops(found, kinds, pictures, text_height_px)
    lines = [(n, row) for n, row in enumerate(rows) if _is_line(found, row)] if loops else []
    pieces: list[Piece] = []
    gains: dict[int, list[int]] = {}
    next_label = int(found.label.max(initial=0)) + 1
    for k in loops:
        freed: list[tuple[int, Piece]] = []
        for n, row in lines:
            for x0, x1 in words_across(found, k, row):
                piece = cut_word(found, k, row, x0, x1, next_label)
                if piece is not None:
                    freed.append((n, piece))
                    next_label += 1
        ink = sum(piece[5] for _, piece in freed)
        is_drawing = len(freed) > _MOST_WORDS or ink > _MOST_FREED * (int(found.area[k]) + ink)
        if is_drawing:
            for _, piece in freed:
                window = found.labels[piece[2] : piece[4], piece[1] : piece[3]]
                window[window == piece[0]] = found.label[k]
            found.area[k] += ink
            continue
        for n, piece in freed:
            gains.setdefault(n, []).append(len(found) + len(pieces))
            pieces.append(piece)
    if not pieces:
        return found, list(rows)
    found = found.with_pieces({}, pieces)
    return found, [with_gains(found, row, gains.get(n, [])) for n, row in enumerate(rows)]


def _loops(
    found: Components, kinds: Sorted, pictures: Sequence[Placed], text_height_px: float
) -> list[int]:
    large = np.concatenate([kinds.picture, kinds.rule])
    width, height = found.width[large].astype(np.int64), found.height[large].astype(np.int64)
    t = text_height_px
    is_large = np.minimum(width, height) >= _LEAST_SIDE * t
    is_small = (
        (width >= _SMALL_WIDTH * t) & (height >= _SMALL_HEIGHT * t) & (height <= MAX_LETTER * t)
    )
    filled = found.area[large] / np.maximum(width * height, 1)
    is_loop: Flags = (is_large & (filled <= _MOST_FILLED)) | (is_small & (filled <= _SMALL_FILLED))
    loops = large[is_loop]
    loops = loops[np.argsort(-found.area[loops], kind="stable")[:_MOST_LOOPS]]
    drawings = [p for p in pictures if p.area >= _DRAWING * t**2]
    side = max(3, round(_THICKEST * t))
    return [
        k
        for k in loops.tolist()
        if not holds(drawings, Placed.of_component(found, k)) and _is_thin(found, k, side)
    ]


def _is_thin(found: Components, k: int, side_px: int) -> bool:
    """Whether a square of this side has no room in a component: the bed of a scanner is solid."""
    window = found.labels[found.y0[k] : found.y1[k], found.x0[k] : found.x1[k]]
    if window.size > _MOST_PIXELS:
        return False
    ink = np.asarray(window == found.label[k], np.uint8)
    return not cv2.erode(ink, np.ones((side_px, side_px), np.uint8), borderValue=0).any()


def _is_line(found: Components, row: Row) -> bool:
    """Whether a row is print as far as its letters tell; names on a map lie anyhow."""
    is_long = len(row.members) >= _LONG_ROW
    return len(row.members) >= _LEAST_ROW and (not is_long or is_steady(found, row, _INK_OF_ROW))
