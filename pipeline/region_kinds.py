"""What a region of lines is, by its place, its shape and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ocrq.types import Box, LineResult, RegionKind

_NUMBER: Final = re.compile(r"[-–—\[(.* ]*(\d{1,4}|[ivxlcdmIVXLCDM]{1,7})[-–—\]).* ]*")
_FEW: Final = 4  # lines; a page with fewer has no head and no number
_HEAD_FEW: Final = 10
_HEAD_WHITE: Final = 0.5  # below a running head, in pitches of the page's lines
_CAPTION_LINES: Final = 3
_CAPTION_NEAR: Final = 2.0  # from its picture, in line heights


def name_regions(
    lines: Sequence[LineResult], kinds: dict[int, RegionKind], pictures: Sequence[Box]
) -> dict[int, RegionKind]:
    """The kinds of regions, by number, with page number, running head and captions told apart.

    Args:
        lines: of the page, in reading order.
        kinds: of all regions that the lines name, as far as the layout knows them.
        pictures: on the same page.
    """
    named = dict(kinds)
    members: dict[int, list[LineResult]] = {}
    for line in lines:
        if kinds[line.region] is RegionKind.TEXT:
            members.setdefault(line.region, []).append(line)
    boxes = {n: Box.union(line.box for line in found) for n, found in members.items()}
    count = sum(map(len, members.values()))
    if count < _FEW:
        return named
    height_px = median(_height(line) for found in members.values() for line in found)
    top = min(boxes, key=lambda n: boxes[n].y0_px)
    bottom = max(boxes, key=lambda n: boxes[n].y1_px)
    for n in (top, bottom):
        if len(members[n]) == 1 and _NUMBER.fullmatch(members[n][0].text):
            named[n] = RegionKind.PAGE_NUMBER
    heads = [n for n in boxes if named[n] is RegionKind.TEXT]
    if count >= _HEAD_FEW and heads:
        head = min(heads, key=lambda n: boxes[n].y0_px)
        below = [b.y0_px for n, b in boxes.items() if n != head and n in heads]
        white_px = min(below, default=0) - boxes[head].y1_px
        pitch_px = _pitch(members.values())
        if (
            len(members[head]) == 1
            and _height(members[head][0]) <= 1.15 * height_px
            and white_px >= _HEAD_WHITE * pitch_px
            and not any(_is_caption(boxes[head], p, height_px) for p in pictures)
        ):
            named[head] = RegionKind.RUNNING_HEAD
    for n in heads:
        few = len(members[n]) <= _CAPTION_LINES
        if few and any(_is_caption(boxes[n], p, height_px) for p in pictures):
            named[n] = RegionKind.CAPTION
    return named


def _height(line: LineResult) -> float:
    return median(c.box.height_px for c in line.chars)


def _pitch(regions: Iterable[Sequence[LineResult]]) -> float:
    """Distance of the tops of lines that follow each other in a region, the median."""
    steps = [
        lower.box.y0_px - upper.box.y0_px
        for found in regions
        for upper, lower in pairwise(found)
        if lower.box.y0_px > upper.box.y0_px
    ]
    return float(median(steps)) if steps else 0.0


def _is_caption(box: Box, picture: Box, height_px: float) -> bool:
    """Whether a box is right under (or over) a picture and within its width."""
    near_px = _CAPTION_NEAR * height_px
    under = -0.5 * height_px <= box.y0_px - picture.y1_px <= near_px
    over = -0.5 * height_px <= picture.y0_px - box.y1_px <= near_px / 2
    middle_px = (box.x0_px + box.x1_px) / 2
    inside = picture.x0_px <= middle_px <= picture.x1_px
    return (under or over) and inside and box.width_px <= 1.1 * picture.width_px
