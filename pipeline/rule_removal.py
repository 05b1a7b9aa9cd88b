"""Takes printed lines that touch text out of the ink of a page; strokes across them stay.

Ruled paper and underlines join the letters of a line to one piece of ink. A line that stands by
itself, or only meets those of a grid, is left to the layout. Beside dark strokes a threshold loses
pale rules, so that parts of them are left between words; those go, too.

In the picture that is read rules stay: the recogniser reads through them, and what is taken out
with them of letters it misses. Only boxes go from it, whose sides look like letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.connected import label_pieces
from pipeline.image import GrayImage
from pipeline.layout.placed import Placed
from pipeline.rule_runs import (
    long_runs,
    may_have_rules,
    painted_runs,
    parts_of_rules,
    spare,
    thin_runs,
)
from pipeline.rule_uprights import (
    CLOSE_PX,
    LEAST_TEXT_PX,
    bars_between,
    comb_teeth,
    grid_uprights,
    tall_strokes,
)
from pipeline.tones import paper_tone

Flags = npt.NDArray[np.bool_]

#: Of a rule: no stroke of a letter is as long. Where all letters touch rules their height is not
#: known, so the width of the page has a say.
_LEAST_LENGTH: Final = 7.0  # letter heights
_LEAST_SHARE: Final = 0.06  # of the page's width
_MOST_THICK: Final = 0.25  # letter heights: thicker bars are pictures
_MOST_SHARE: Final = 0.0035  # of the page's width: 0.7 mm on A4
#: A pen's underline may be thicker, where letters touch it nearly all along.
_MOST_UNDERLINE: Final = 0.4  # letter heights
_LEAST_UNDERLINED: Final = 0.3  # of its length
#: Dark places of a picture are ink all along; letters on a rule leave it half free.
_MOST_CLOSE: Final = 0.75
_LEAST_TOUCHED: Final = 0.05  # of a rule's length; the lines of a grid touch it for a hundredth
#: Where no line of a grid meets a rule, a single letter that hangs on it is reason enough: a stroke
#: of this breadth (letter heights).
_LEAST_HELD: Final = 0.1
_LEAST_PART: Final = 2.0  # letter heights of what is left of a rule; no stroke of a letter is
#: A faint rule has holes; but letters of small print are as near to each other as that.
_GAP_PX: Final = 2
_LEAST_BAR: Final = 1.1  # letter heights of an upright bar from one rule to the next
_LEAST_TOOTH: Final = 0.25  # letter heights of a short stroke on a rule, one of a comb's
_SHADOW_PX: Final = 2
_ABOUT_PX: Final = 16


def remove_rules(
    gray: GrayImage,
    ink: InkImage,
    text_height_px: float,
    drawings: Sequence[Placed] = (),
    small: InkImage | None = None,
) -> tuple[GrayImage, InkImage] | None:
    """The page without the boxes, and its ink without the rules that touch text; None without any.

    Where ink stands above and below a rule a stroke crosses it, and the rule is left there.
    Upright bars from one rule to the next, as in a comb of boxes for digits, go with them; other
    vertical ones do no harm: they touch few letters, and lines of text end at them.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level.
        ink: (H, W) bool, its binarisation.
        text_height_px: of a typical letter, as far as that is known; else 0.
        drawings: whose frames and lines stay; without their frame they fall to scraps.
        small: `pipeline.marks.reduce_ink` of this ink or of more, if that is there.
    """
    height, width = gray.shape
    length = max(16, round(_LEAST_LENGTH * text_height_px), round(_LEAST_SHARE * width))
    if not may_have_rules(ink, length, small):
        return None
    is_known = text_height_px >= LEAST_TEXT_PX
    part = round(_LEAST_PART * text_height_px) if is_known else length
    runs = long_runs(ink, part, _GAP_PX if is_known else 0)
    long = runs.at_least(length)
    if not len(long.row):
        return None
    thick = max(2, round(_MOST_THICK * text_height_px), round(_MOST_SHARE * width))
    # Nothing of what follows reaches farther: a page with one rule costs little.
    about = 2 * (thick + 2) + _ABOUT_PX
    top, bottom = max(int(long.row[0]) - about, 0), min(int(long.row[-1]) + 1 + about, height)
    painted = painted_runs(long, top, (bottom - top, width))
    spare(painted, drawings, top)
    rules = thin_runs(painted, thick)
    gone = boxes = None
    if rules.any():
        parts = parts_of_rules(runs, rules, top, thick)
        spare(parts, drawings, top)
        gone, boxes = _struck_out(ink[top:bottom], rules, parts, text_height_px, thick)
    if is_known and (thicker := round(_MOST_UNDERLINE * text_height_px)) > thick:
        lines = thin_runs(np.asarray(cv2.subtract(painted, rules), np.uint8), thicker)
        none = np.zeros_like(lines)
        under, under_boxes = _struck_out(
            ink[top:bottom], lines, none, text_height_px, thicker, _LEAST_UNDERLINED
        )
        gone, boxes = _either(gone, under), _either(boxes, under_boxes)
    if gone is None:
        return None
    if boxes is not None:
        paper = np.uint8(paper_tone(gray))
        gray = gray.copy()
        gray[top:bottom][_with_shadow(boxes, ink[top:bottom] & ~gone)] = paper
    ink = ink.copy()
    ink[top:bottom] &= ~gone
    return gray, ink


def _with_shadow(boxes: Flags, others: InkImage) -> Flags:
    """Boxes with their soft edges, which are read as bars, as far as these are not of other ink."""
    edges = np.ones((2 * _SHADOW_PX + 1, 2 * _SHADOW_PX + 1), np.uint8)
    about = cv2.dilate(boxes.view(np.uint8), edges)
    near = cv2.dilate(others.view(np.uint8), np.ones((3, 3), np.uint8))
    return np.logical_or(boxes, np.greater(about, near))


def _either(some: Flags | None, others: Flags | None) -> Flags | None:
    if some is None or others is None:
        return others if some is None else some
    return np.logical_or(some, others)


def _struck_out(
    ink: InkImage,
    rules: GrayImage,
    parts: GrayImage,
    text_height_px: float,
    thick: int,
    least_touched: float = _LEAST_TOUCHED,
) -> tuple[Flags | None, Flags | None]:
    """Which ink is that of rules that touch text, and what of it is boxes; None when there is none.

    Args:
        ink: (H, W) bool: the rows around the rules.
        rules: (H, W) uint8, 1 = level rule at most `thick` pixels high.
        parts: (H, W) uint8, 1 = what is left of a rule: goes in any case.
        text_height_px: of a typical letter, as far as that is known; else 0.
        thick: px.
        least_touched: of a rule's length.

    Returns:
        (H, W) bool each.
    """
    if not rules.any() and not parts.any():
        return None, None
    # Neither the rough edges of a rule nor its shadow is a stroke.
    edges = np.ones((3, 1), np.uint8)
    rules = np.asarray(cv2.dilate(rules, edges), np.uint8)
    parts = np.asarray(cv2.dilate(parts, edges), np.uint8)
    rest = np.asarray(cv2.subtract(ink.view(np.uint8), cv2.bitwise_or(rules, parts)), np.uint8)
    reach = thick + 2
    above, below = _shifted_down(rest, reach), _shifted_up(rest, reach)
    close = np.bitwise_or(_shifted_down(rest, CLOSE_PX), _shifted_up(rest, CLOSE_PX))
    level = rules
    near = np.asarray(np.bitwise_or(above, below), np.uint8)
    uprights = tall_strokes(rest, text_height_px)
    rules = _touched(level, near, close, uprights, text_height_px, least_touched) | parts
    if not rules.any():
        return None, None
    bars = bars_between(rest, level, max(8, round(_LEAST_BAR * text_height_px)), thick)
    sides = grid_uprights(rest, rules, text_height_px, thick)
    teeth = comb_teeth(rest, rules, max(4, round(_LEAST_TOOTH * text_height_px)), thick)
    for more in (sides, teeth):
        if more is not None:
            bars = more if bars is None else np.asarray(np.bitwise_or(bars, more), np.uint8)
    both = np.bitwise_and(np.bitwise_and(above, below), rules)
    crossed = cv2.morphologyEx(both, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    if bars is None:
        return np.greater(rules, crossed), None
    # Where a bar of a comb meets a rule, nothing crosses it.
    crossed = cv2.subtract(crossed, cv2.dilate(bars, np.ones((2 * reach + 1, 1), np.uint8)))
    gone = np.logical_or(np.greater(rules, crossed), bars)
    # A bar and its rules are one piece, but for the pixel between them that was another's edge.
    whole = cv2.dilate(np.bitwise_or(rules, bars), np.ones((3, 3), np.uint8))
    labels, stats = label_pieces(np.asarray(whole, np.uint8))
    is_box = np.zeros(len(stats), np.bool_)
    is_box[labels[bars.view(np.bool_)]] = True
    is_box[0] = False
    return gone, np.logical_and(gone, is_box[labels])


def _touched(
    rules: GrayImage,
    near: GrayImage,
    close: GrayImage,
    uprights: GrayImage,
    text_height_px: float,
    least_touched: float,
) -> GrayImage:
    """The rules with ink along them for more than a grid's worth, but not all along.

    Where no upright meets a rule, one letter that hangs on it is enough: the rule would take it
    along.
    """
    labels, stats = label_pieces(rules)
    # A rule is one to six pixels high: each of its columns is counted once by its upper edge.
    upper = rules.copy()
    upper[1:] = rules[1:] > rules[:-1]
    edge = np.flatnonzero(upper.view(np.bool_))
    piece = labels.ravel()[edge]
    length, touched, held = (
        np.bincount(piece, flags.ravel()[edge], len(stats))
        for flags in (rules, _column_any(near, rules), _column_any(close, rules))
    )
    inked = np.flatnonzero(rules.view(np.bool_))
    piece = labels.ravel()[inked]
    is_grid = np.bincount(piece, uprights.ravel()[inked], len(stats)) > 0
    wanted = touched > least_touched * length
    if least_touched == _LEAST_TOUCHED:
        wanted |= ~is_grid & (held > _LEAST_HELD * text_height_px)
    else:
        wanted &= ~is_grid
    wanted &= held < _MOST_CLOSE * length
    found = np.zeros_like(rules)
    found.ravel()[inked] = wanted[piece]
    return found


def _column_any(near: GrayImage, rules: GrayImage) -> GrayImage:
    """(H, W) uint8, 1 at a pixel of a rule where ink is near anywhere in the rule's column."""
    on_rule = np.bitwise_and(near, rules)
    tall = np.ones((13, 1), np.uint8)
    return np.bitwise_and(np.asarray(cv2.dilate(on_rule, tall), np.uint8), rules)


def _shifted_down(ink: GrayImage, reach_px: int) -> GrayImage:
    """(H, W) uint8, 1 where there is ink in one of the `reach_px` rows above."""
    kernel = np.ones((reach_px + 1, 1), np.uint8)
    shifted = cv2.dilate(ink, kernel, anchor=(0, reach_px), borderValue=0)
    return np.asarray(shifted, np.uint8)


def _shifted_up(ink: GrayImage, reach_px: int) -> GrayImage:
    """(H, W) uint8, 1 where there is ink in one of the `reach_px` rows below."""
    kernel = np.ones((reach_px + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(ink, kernel, anchor=(0, 0), borderValue=0), np.uint8)
