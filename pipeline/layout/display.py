"""Letters far larger than those of the page: titles, posters, initials of several lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Sorted
from pipeline.layout.row import Row, make_row

Indices = npt.NDArray[np.intp]

_LEAST: Final = 2.6  # letter heights; an initial of two rows
_MOST_PAGE: Final = 0.35  # of the page's height
_WIDEST: Final = 2.2  # heights; a W has 1.4, two letters that touch have 2
_INK: Final = (0.12, 0.85)  # of a letter's box; of a stroke as I more
_NARROW: Final = 0.4  # heights: as wide as I, l and 1
_ALIKE: Final = 1.9  # times as high: a capital beside small letters
_GAP: Final = 0.9  # heights of white between letters of a title, words included
_SHARED: Final = 0.5  # of the lower one's height beside the other
_INITIAL_ROWS: Final = 2  # of text beside an initial
_HIGHEST_INITIAL: Final = 16.0  # letter heights: seven rows
_MOST_INNER: Final = 2  # pieces in the box of a title, such as dots and quotes, for each letter
_MOST: Final = 400  # that are looked at; a page of noise has more


def find_display(found: Components, kinds: Sorted, text_height_px: float) -> list[Indices]:
    """Groups of large letters that stand in a row, each from left to right; initials alone.

    A group has letters that are too large for text of this page. What else is in its box, such as
    the dots of its i, belongs to it.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        text_height_px: of a typical letter.
    """
    large = _letters(found, np.concatenate([kinds.picture, kinds.body]), text_height_px)
    small = np.concatenate([kinds.body, kinds.mark])
    groups = [
        (group, _with_inner(found, group, small))
        for group in _rows(found, large)
        if (
            np.isin(group, kinds.picture).any()
            if len(group) > 1
            else _is_initial(found, int(group[0]), kinds.body)
        )
    ]
    # Spots of a photograph stand beside each other, too, and a whole column may be in their box.
    return [whole for group, whole in groups if len(whole) <= (1 + _MOST_INNER) * len(group)]


def set_display(
    found: Components, rows: Sequence[Row], groups: Sequence[Indices], text_height_px: float
) -> list[Row]:
    """The rows with those of large letters; an initial goes to the row whose first word it begins.

    Args:
        found: the page's components.
        rows: of text.
        groups: of `find_display`.
        text_height_px: of a typical letter.
    """
    rows, t = list(rows), text_height_px
    for group in groups:
        large = make_row(found, group, 0.0)
        beside = [
            k
            for k, row in enumerate(rows)
            if large.x1 - t <= row.x0 <= large.x1 + 2 * t
            and large.top - t <= row.band_at(row.x0)[0] <= large.bottom
        ]
        if len(group) == 1 and beside:
            first = min(beside, key=lambda k: rows[k].band_at(rows[k].x0)[0])
            rows[first] = replace(rows[first], initial=large)
        else:
            rows.append(large)
    return rows


def without_display(kinds: Sorted, groups: Sequence[Indices]) -> Sorted:
    """The kinds of what is in none of the groups."""
    if not groups:
        return kinds
    taken = np.concatenate(groups)
    return replace(
        kinds,
        body=np.setdiff1d(kinds.body, taken),
        mark=np.setdiff1d(kinds.mark, taken),
        picture=np.setdiff1d(kinds.picture, taken),
    )


def _letters(found: Components, which: Indices, text_height_px: float) -> Indices:
    page_height, page_width = found.labels.shape
    height, width = found.height[which], found.width[which]
    fill = found.area[which] / np.maximum(height.astype(np.float64) * width, 1.0)
    is_letter = (
        (height >= _LEAST * text_height_px)
        & (height <= _MOST_PAGE * page_height)
        & (width <= _WIDEST * height)
        & (fill >= _INK[0])
        & ((fill <= _INK[1]) | (width <= _NARROW * height))
        & (width >= 0.08 * height)
        & (found.x0[which] > 2)
        & (found.y0[which] > 2)
        & (found.x1[which] < page_width - 2)
        & (found.y1[which] < page_height - 2)
    )
    letters: Indices = which[is_letter]
    largest: Indices = letters[np.argsort(-found.area[letters], kind="stable")[:_MOST]]
    return largest


def _rows(found: Components, letters: Indices) -> list[Indices]:
    """Letters beside each other; one that stands alone is a row of one."""
    rows: list[list[int]] = []
    for k in letters[np.argsort(found.x0[letters], kind="stable")].tolist():
        near = [row for row in rows if _follows(found, row[-1], k)]
        if near:
            max(near, key=lambda row: int(found.x1[row[-1]])).append(k)
        else:
            rows.append([k])
    return [np.array(row, np.intp) for row in rows]


def _follows(found: Components, left: int, right: int) -> bool:
    low, high = sorted((int(found.height[left]), int(found.height[right])))
    shared = min(found.y1[left], found.y1[right]) - max(found.y0[left], found.y0[right])
    gap = int(found.x0[right]) - int(found.x1[left])
    return high <= _ALIKE * low and shared >= _SHARED * low and -0.3 * low <= gap <= _GAP * high


def _is_initial(found: Components, k: int, body: Indices) -> bool:
    """Whether rows of text begin right beside a letter, one below the other, and none before."""
    letter_px = float(np.median(found.height[body])) if len(body) else 0.0
    height_px, width_px = int(found.height[k]), int(found.width[k])
    if height_px > _HIGHEST_INITIAL * letter_px or width_px < _NARROW * height_px:
        return False
    left = (
        (found.x1[body] > found.x0[k] - 4 * letter_px)
        & (found.x0[body] < found.x0[k])
        & (found.y1[body] > found.y0[k])
        & (found.y0[body] < found.y1[k])
    )
    if left.any():  # it stands amid a line
        return False
    beside = body[
        (found.x0[body] >= found.x1[k] - letter_px)
        & (found.x0[body] <= found.x1[k] + 2 * letter_px)
        & (found.y0[body] >= found.y0[k] - letter_px)
        & (found.y1[body] <= found.y1[k] + letter_px)
    ]
    feet = np.sort(found.y1[beside])
    rows = 1 + int((np.diff(feet) > letter_px).sum()) if len(feet) else 0
    return rows >= _INITIAL_ROWS


def _with_inner(found: Components, group: Indices, small: Indices) -> Indices:
    """The group with the dots and accents in its box, from left to right; an initial has none."""
    if len(group) == 1:
        return group
    x0, x1 = found.x0[group].min(), found.x1[group].max()
    y0, y1 = found.y0[group].min(), found.y1[group].max()
    middle = (found.x0[small] + found.x1[small]) / 2.0
    inner = small[
        (middle >= x0) & (middle <= x1) & (found.y0[small] >= y0) & (found.y1[small] <= y1)
    ]
    members = np.union1d(group, inner)
    ordered: Indices = members[np.argsort(found.x0[members], kind="stable")]
    return ordered
