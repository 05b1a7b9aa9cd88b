"""What a region of lines is, by its place, its shape and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ocrq.types import Box, LineResult, RegionKind
from pipeline.captions import is_caption, whole_pictures
from pipeline.type_size import type_size_px

_NUMBER: Final = re.compile(r"[-–—\[(.* ]*(\d{1,4}|[ivxlcdmIVXLCDM]{1,7})[-–—\]).* ]*")
_FEW: Final = 4  # lines; a page with fewer has no head and no number
_HEAD_FEW: Final = 10
_HEAD_TOP: Final = 0.15  # of the page's height; the title of a chapter stands lower
_HEAD_SIZE: Final = 1.15  # of the page's type; titles are larger
_HEAD_WHITE: Final = (0.5, 2.6)  # below a running head, in pitches of the page's lines

Members = dict[int, list[LineResult]]  # lines by the number of their region


def name_regions(
    lines: Sequence[LineResult],
    kinds: dict[int, RegionKind],
    pictures: Sequence[Box],
    height_px: int,
) -> dict[int, RegionKind]:
    """The kinds of regions, by number, with page number, running head and captions told apart.

    Args:
        lines: of the page, in reading order.
        kinds: of all regions that the lines name, as far as the layout knows them.
        pictures: on the same page.
        height_px: of the page.
    """
    named = dict(kinds)
    members: Members = {}
    for line in lines:
        if kinds[line.region] is RegionKind.TEXT:
            members.setdefault(line.region, []).append(line)
    boxes = {n: Box.union(line.box for line in found) for n, found in members.items()}
    count = sum(map(len, members.values()))
    if count < _FEW:
        return named
    for n in _numbers(members, boxes):
        named[n] = RegionKind.PAGE_NUMBER
    rest = {n: found for n, found in members.items() if named[n] is RegionKind.TEXT}
    size_px = type_size_px(line for found in members.values() for line in found)
    # Two photographs beside each other have a caption each.
    wholes = {*pictures, *whole_pictures(pictures, size_px)}
    captions = {n for n in rest if is_caption(rest[n], wholes, size_px)}
    if count >= _HEAD_FEW:
        for n in _heads(rest, boxes, pictures, size_px, _HEAD_TOP * height_px):
            named[n] = RegionKind.RUNNING_HEAD
    for n in captions:
        if named[n] is RegionKind.TEXT:
            named[n] = RegionKind.CAPTION
    return named


def is_number(text: str) -> bool:
    """Whether a text is nothing but the number of a page.

    >>> is_number("- 12 -"), is_number("(vi)"), is_number("12 May")
    (True, True, False)
    """
    return _NUMBER.fullmatch(text) is not None


def _numbers(members: Members, boxes: dict[int, Box]) -> list[int]:
    """Numbers that are the uppermost or the lowest line, or level with it on the facing page."""
    top = min(boxes, key=lambda n: boxes[n].y0_px)
    bottom = max(boxes, key=lambda n: boxes[n].y1_px)
    return [
        n
        for n, found in members.items()
        if len(found) == 1
        and is_number(found[0].text)
        and any(_are_level(boxes[n], boxes[end]) for end in (top, bottom))
    ]


def _heads(
    members: Members,
    boxes: dict[int, Box],
    pictures: Sequence[Box],
    size_px: float,
    lowest_px: float,
) -> list[int]:
    """Single lines at the top, as large as the text and apart from it; two over facing pages."""
    if not members:
        return []
    pitch_px = _pitch(members.values())
    first = min(members, key=lambda n: boxes[n].y0_px)
    heads: list[int] = []
    spans: list[Box] = []
    for n in sorted(members, key=lambda n: (n != first, n)):
        if len(members[n]) != 1 or not _are_level(boxes[n], boxes[first]):
            continue
        others = [boxes[m] for m in members if m != n] + list(pictures)
        below = [box for box in others if box.y0_px >= boxes[n].y1_px and _share_x(box, boxes[n])]
        under = min(below, key=lambda box: box.y0_px, default=None)
        if under is None or any(_share_x(under, span) for span in spans):
            continue
        least, most = (pitches * pitch_px for pitches in _HEAD_WHITE)
        if (
            boxes[n].y0_px <= lowest_px
            and type_size_px(members[n]) <= _HEAD_SIZE * size_px
            and least <= under.y0_px - boxes[n].y1_px <= most
        ):
            heads.append(n)
            spans.append(under)
    return heads


def _pitch(regions: Iterable[Sequence[LineResult]]) -> float:
    """Distance of the tops of lines that follow each other in a region, the median."""
    steps = [
        lower.box.y0_px - upper.box.y0_px
        for found in regions
        for upper, lower in pairwise(found)
        if lower.box.y0_px > upper.box.y0_px
    ]
    return float(median(steps)) if steps else 0.0


def _are_level(a: Box, b: Box) -> bool:
    return min(a.y1_px, b.y1_px) > max(a.y0_px, b.y0_px)


def _share_x(a: Box, b: Box) -> bool:
    return min(a.x1_px, b.x1_px) > max(a.x0_px, b.x0_px)
