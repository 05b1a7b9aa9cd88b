"""Letters that touch the upright side of a box are cut off from it.

A border that is thick, or printed in dots that run together, reaches the first letters of lines
close to it: they are one piece of ink with it, and no letters then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.connected import label_pieces
from pipeline.image import GrayImage
from pipeline.layout.components import Components, Piece, Sorted

_LONG: Final = 6.0  # letter heights of a side
_LEAST_INK: Final = 0.3  # of each letter height of a side, in each of its columns
_HOLES: Final = 0.2  # letter heights of white between its dots; lines of text have more
_THICK: Final = 0.6  # letter heights of a side, at most
_HELD: Final = (0.5, 2.0)  # letter heights of a letter
_WIDTH: Final = (0.2, 4.0)  # letter heights; letters of a word may touch
_GAP: Final = (-0.2, 0.6)  # letter heights to the next letter of the line
_LEVEL: Final = 0.5  # of a letter's height is level with the next one
_LEAST: Final = 2  # letters; one alone may be part of a drawing
_MOST_ASKED: Final = 50


def free_held(found: Components, kinds: Sorted, text_height_px: float) -> tuple[Components, Sorted]:
    """The components with letters cut off from uprights that they touch.

    `found.labels` is changed in place: the letters get new labels.

    Args:
        found: the page's components.
        kinds: what each is.
        text_height_px: of a typical letter.
    """
    t = text_height_px
    rules = kinds.rule
    rules = rules[(found.height[rules] >= _LONG * t) & (found.width[rules] >= _HELD[0] * t)]
    pieces: list[Piece] = []
    for k in rules[np.argsort(-found.area[rules])][:_MOST_ASKED].tolist():
        for x0, x1 in _strips(found, k, t):
            pieces += _cut_off(found, kinds, k, (x0, x1), t, found.highest + 1 + len(pieces))
    if not pieces:
        return found, kinds
    letters = np.arange(len(found), len(found) + len(pieces))
    return found.with_pieces({}, pieces), replace(kinds, body=np.append(kinds.body, letters))


def _strips(found: Components, k: int, t: float) -> list[tuple[int, int]]:
    """From where to where component `k` may have uprights, with room for a letter on both sides.

    Most columns of a frame have only its level rules: in each of several letter heights below each
    other they have little ink.
    """
    left, right = int(found.x0[k]), int(found.x1[k])
    block = found.labels[found.y0[k] : found.y1[k], left:right] == found.label[k]
    heights = round(len(block) / t)
    ink = np.multiply(block, 255, dtype=np.uint8)
    inked = cv2.resize(ink, (right - left, heights), interpolation=cv2.INTER_AREA)
    inked = np.asarray(inked >= 255 * _LEAST_INK, np.uint8)
    whole = np.ones((int(_LONG) - 1, 1), np.uint8)
    full = np.asarray(cv2.erode(inked, whole, borderValue=0), np.uint8).max(axis=0)
    about = cv2.dilate(
        full[np.newaxis], np.ones((1, 2 * round((_WIDTH[1] + 1) * t) + 1), np.uint8)
    )[0]
    ends = np.flatnonzero(np.diff(about, prepend=0, append=0)).tolist()
    return [(left + a, left + b) for a, b in zip(ends[::2], ends[1::2], strict=True)]


def _cut_off(
    found: Components, kinds: Sorted, k: int, strip: tuple[int, int], t: float, label: int
) -> list[Piece]:
    """The letters that are cut off from component `k` in a strip; the first gets this label."""
    left, top = strip[0], int(found.y0[k])
    block = found.labels[top : found.y1[k], left : strip[1]]
    ink = (block == found.label[k]).view(np.uint8)
    side = _sides(ink, t)
    if not side.any():
        return []
    labels, stats = label_pieces(np.asarray(cv2.subtract(ink, side), np.uint8))
    about = np.asarray(cv2.dilate(side, np.ones((1, 3), np.uint8)), np.uint8)
    touching = np.zeros(len(stats), np.bool_)
    touching[labels[about.view(np.bool_)]] = True
    width, height = stats[:, 2], stats[:, 3]
    fit = touching & (width >= _WIDTH[0] * t) & (width <= _WIDTH[1] * t)
    fit &= (height >= _HELD[0] * t) & (height <= _HELD[1] * t)
    fit[0] = False
    held = [
        n for n in np.flatnonzero(fit).tolist() if _has_next(found, kinds, stats[n], left, top, t)
    ]
    if len(held) < _LEAST:
        return []
    letters: list[Piece] = []
    for n in held:
        x, y, w, h, area = stats[n].tolist()
        block[y : y + h, x : x + w][labels[y : y + h, x : x + w] == n] = label + len(letters)
        x, y = x + left, y + top
        letters.append((label + len(letters), x, y, x + w, y + h, area))
    return letters


def _sides(ink: GrayImage, t: float) -> GrayImage:
    """(H, W) uint8, 1 on uprights, their holes and rough edges included."""
    length, thick = round(_LONG * t), 1 + round(_THICK * t)
    # What is beyond the picture counts as ink, or a letter at its edge would be a part of a side.
    room = cv2.copyMakeBorder(ink, length, length, thick, thick, cv2.BORDER_CONSTANT, value=0)
    holes = np.ones((1 + max(2, round(_HOLES * t)), 1), np.uint8)
    whole = cv2.morphologyEx(room, cv2.MORPH_CLOSE, holes)
    tall = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    wide = cv2.morphologyEx(tall, cv2.MORPH_OPEN, np.ones((1, thick), np.uint8))
    slim = cv2.dilate(cv2.subtract(tall, wide), np.ones((1, 3), np.uint8))
    return np.asarray(slim[length:-length, thick:-thick], np.uint8)


def _has_next(
    found: Components, kinds: Sorted, piece: npt.NDArray[np.int32], left: int, top: int, t: float
) -> bool:
    """Whether a letter is beside a piece (x, y, width, height, area) of a block at (left, top)."""
    x, y, width, height = (int(v) for v in piece[:4])
    x0, y0 = x + left, y + top
    x1, y1 = x0 + width, y0 + height
    body = kinds.body
    gap = np.maximum(found.x0[body] - x1, x0 - found.x1[body])
    shared = np.minimum(found.y1[body], y1) - np.maximum(found.y0[body], y0)
    least = _LEVEL * np.minimum(found.height[body], height)
    is_next = (gap >= _GAP[0] * t) & (gap <= _GAP[1] * t) & (shared >= least)
    return bool(is_next.any())
