"""Whether a region is what is printed below or above a picture."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from ocrq.types import Box, LineResult
from pipeline.type_size import type_size_px

_LINES: Final = 3  # at most
_NEAR: Final = 4.0  # white between a picture and its caption at most, in x-heights
_PARTS: Final = 10.0  # white between parts of one picture at most, in x-heights
_SMALL: Final = 0.92  # of the page's type
_CENTRED: Final = 0.06  # of the picture's width off its middle
_NARROW: Final = 0.9  # of the picture's width; a line of text is as wide as its column
_OPENING: Final = re.compile(r"(Fig|Plate|Pl\.|Map|Abb|Taf|Bild|Photo|Illustration)\b", re.I)


def is_caption(lines: Sequence[LineResult], pictures: Collection[Box], size_px: float) -> bool:
    """Whether a few lines right under (or over) a picture are its caption.

    Text begins and ends beside pictures, too. A caption is set in smaller type, or in the middle
    under the picture and narrower than it, or says that it is one.

    Args:
        lines: of the region.
        pictures: on the page.
        size_px: x-height of the page's type.
    """
    if len(lines) > _LINES:
        return False
    box = Box.union(line.box for line in lines)
    near = [picture for picture in pictures if _is_near(box, picture, size_px)]
    if not near:
        return False
    if type_size_px(lines) <= _SMALL * size_px or _OPENING.match(lines[0].text):
        return True
    return any(_is_centred(box, picture) for picture in near)


def whole_pictures(parts: Sequence[Box], size_px: float) -> list[Box]:
    """Boxes around parts that stand near each other: a map may be found in pieces.

    >>> parts = [Box(x0_px=x, y0_px=0, x1_px=x + 50, y1_px=50) for x in (0, 60, 900)]
    >>> [(box.x0_px, box.x1_px) for box in whole_pictures(parts, 5.0)]
    [(900, 950), (0, 110)]
    """
    wholes: list[Box] = []
    for part in parts:
        whole = part
        while near := [box for box in wholes if _gap_px(box, whole) <= _PARTS * size_px]:
            wholes = [box for box in wholes if box not in near]
            whole = Box.union([whole, *near])
        wholes.append(whole)
    return wholes[::-1]


def _gap_px(a: Box, b: Box) -> int:
    x = max(a.x0_px, b.x0_px) - min(a.x1_px, b.x1_px)
    y = max(a.y0_px, b.y0_px) - min(a.y1_px, b.y1_px)
    return max(x, y)


def _is_near(box: Box, picture: Box, size_px: float) -> bool:
    under = -0.5 * size_px <= box.y0_px - picture.y1_px <= _NEAR * size_px
    over = -0.5 * size_px <= picture.y0_px - box.y1_px <= _NEAR * size_px / 2
    middle_px = (box.x0_px + box.x1_px) / 2
    inside = picture.x0_px <= middle_px <= picture.x1_px
    return (under or over) and inside and box.width_px <= 1.1 * picture.width_px


def _is_centred(box: Box, picture: Box) -> bool:
    off_px = abs(box.x0_px + box.x1_px - picture.x0_px - picture.x1_px) / 2
    return off_px <= _CENTRED * picture.width_px and box.width_px <= _NARROW * picture.width_px
