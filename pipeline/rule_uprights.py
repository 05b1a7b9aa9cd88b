"""Upright strokes that meet level rules: the sides of boxes, as in a comb for digits, and grids."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipeline.connected import label_pieces
from pipeline.image import GrayImage

#: What is no farther from a rule than this meets it.
CLOSE_PX: Final = 2
#: Letters as high as this are measured well enough to say what is higher than a letter.
LEAST_TEXT_PX: Final = 16
_HIGHEST: Final = 2.5  # letter heights of a letter with ascender and descender, at most
_MOST_BARS: Final = 2_000
#: Teeth of a comb to write single letters in: their heights, and from one to the next, are alike.
_LEAST_TEETH: Final = 5
_ALIKE: Final = 0.2
_EVEN: Final = 0.12
_MOSTLY: Final = 0.8  # of the distances; a letter that touches a tooth hides it
_LEAST_UPRIGHT: Final = 3.5  # letter heights of an upright of a grid
_LEAST_CROSSED: Final = 2  # rules of its grid


def bars_between(
    rest: GrayImage, rules: GrayImage, length_px: int, thick_px: int
) -> GrayImage | None:
    """(H, W) uint8, 1 on upright strokes from one rule to the next, as between boxes of a comb.

    None where there are none, as on most pages.

    Args:
        rest: the ink without the rules.
        rules: all level rules.
        length_px: of a bar at least.
        thick_px: at most.
    """
    runs = cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((length_px, 1), np.uint8))
    wide = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, thick_px + 1), np.uint8))
    slim = np.asarray(cv2.subtract(runs, wide), np.uint8)
    if not slim.any():
        return None
    labels, stats = label_pieces(slim)
    near = cv2.dilate(rules, np.ones((2 * CLOSE_PX + 1, 1), np.uint8))
    slender = np.flatnonzero(stats[:_MOST_BARS, 2] <= 2 * thick_px)
    x, y, width, height, _ = stats[slender].T
    ends = np.maximum(y - 1, 0), np.minimum(y + height, len(near) - 1)
    meets = np.zeros((2, len(slender)), np.bool_)
    for step in range(2 * thick_px):
        column = x + np.minimum(step, width - 1)
        meets |= np.stack([near[end, column] > 0 for end in ends])
    is_bar = np.zeros(len(stats), np.uint8)
    is_bar[slender[meets.all(axis=0)]] = 1
    is_bar[0] = 0
    if not is_bar.any():
        return None
    found = is_bar[labels]
    # Its rough edges are no strokes either.
    edges = np.bitwise_and(cv2.dilate(found, np.ones((1, 3), np.uint8)), rest)
    return np.asarray(edges, np.uint8)


def comb_teeth(rest: GrayImage, rules: GrayImage, least_px: int, thick_px: int) -> GrayImage | None:
    """(H, W) uint8, 1 on short strokes of one height that stand evenly on a rule, as in a comb.

    None where there are none, as on most pages.

    Args:
        rest: the ink without the rules.
        rules: level rules.
        least_px: of a tooth's height.
        thick_px: of a tooth at most.
    """
    runs = cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((least_px, 1), np.uint8))
    wide = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, thick_px + 1), np.uint8))
    slim = np.asarray(cv2.subtract(runs, wide), np.uint8)
    if not slim.any():
        return None
    labels, stats = label_pieces(slim)
    slender = np.flatnonzero(stats[:_MOST_BARS, 2] <= thick_px)
    slender = slender[slender > 0]
    x, y, width, height, _ = stats[slender].T
    middle = x + width // 2
    # The rough edges of a rule are neither rule nor rest.
    foot = np.minimum(y + height + CLOSE_PX - 1, len(rules) - 1)
    piece, _ = label_pieces(rules)
    rule = np.maximum(piece[foot, middle], piece[np.maximum(foot - 1, 0), middle])
    is_tooth = np.zeros(len(stats), np.uint8)
    for k in np.unique(rule[rule > 0]).tolist():
        own = np.flatnonzero(rule == k)
        own = own[np.abs(height[own] - np.median(height[own])) <= _ALIKE * np.median(height[own])]
        own = own[np.argsort(middle[own], kind="stable")]
        steps = np.diff(middle[own])
        if len(steps) < _LEAST_TEETH - 1:
            continue
        usual = float(np.median(steps))
        if (np.abs(steps - usual) <= _EVEN * usual).mean() >= _MOSTLY and usual > height[own].min():
            is_tooth[slender[own]] = 1
    if not is_tooth.any():
        return None
    edges = np.ones((1, 3), np.uint8)
    return np.asarray(np.bitwise_and(cv2.dilate(is_tooth[labels], edges), rest), np.uint8)


def grid_uprights(
    rest: GrayImage, rules: GrayImage, text_height_px: float, thick_px: int
) -> GrayImage | None:
    """(H, W) uint8, 1 on uprights that cross rules: without those they fall to pieces like "I".

    None where there are none. Only looked for beside small print: of larger print the layout
    knows what is too high for a letter, and walls of a plan are no sides of a table.

    Args:
        rest: the ink without the rules.
        rules: level rules that are taken out.
        text_height_px: of a typical letter; 0 where that is not known.
        thick_px: of an upright at most.
    """
    if not 0 < text_height_px < LEAST_TEXT_PX:
        return None
    ink = np.asarray(cv2.bitwise_or(rest, rules), np.uint8)
    length = round(_LEAST_UPRIGHT * text_height_px)
    runs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    # Along a rule columns of letters above and below may reach as far, side by side.
    wide = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, thick_px + 1), np.uint8))
    slim = np.asarray(cv2.subtract(runs, wide), np.uint8)
    if not slim.any():
        return None
    # Runs of an upright that leans go on in the next column.
    whole = np.asarray(cv2.dilate(slim, np.ones((1, 3), np.uint8)), np.uint8)
    labels, stats = label_pieces(whole)
    starts = rules.copy()
    starts[1:] = rules[1:] > rules[:-1]
    crossed = np.zeros(len(stats), np.int64)
    for k in np.flatnonzero((stats[:, 2] <= 3 * thick_px + 2) & (stats[:, 3] >= length)).tolist():
        x, y, w, h = stats[k, :4].tolist()
        rows = (starts[y : y + h, x : x + w] & (labels[y : y + h, x : x + w] == k)).any(axis=1)
        crossed[k] = np.count_nonzero(rows)
    crossed[0] = 0
    found = (crossed >= _LEAST_CROSSED)[labels].view(np.uint8)
    if not found.any():
        return None
    found = np.asarray(cv2.bitwise_and(found, rest), np.uint8)
    # With its shadow, which a threshold left out and an enlarged page would show again.
    others = cv2.subtract(rest, found)
    return np.asarray(cv2.subtract(cv2.dilate(found, np.ones((1, 3), np.uint8)), others), np.uint8)


def tall_strokes(rest: GrayImage, text_height_px: float) -> GrayImage:
    """(H, W) uint8, 1 on strokes that are higher than letters; everywhere if those are unknown."""
    if text_height_px < LEAST_TEXT_PX:
        return np.ones_like(rest)
    tall = np.ones((round(_HIGHEST * text_height_px), 1), np.uint8)
    high = cv2.morphologyEx(rest, cv2.MORPH_OPEN, tall)
    about = np.ones((2 * CLOSE_PX + 3, 2 * CLOSE_PX + 1), np.uint8)
    return np.asarray(cv2.dilate(high, about), np.uint8)
