"""Lines that are dirt: a few doubtful characters where the page has no text."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from ocrq.types import Box, LineResult, RegionKind

#: At most so many characters, below this mean confidence.
_SHORT: Final = ((2, 0.7), (6, 0.6), (14, 0.55))
#: The rim of a sheet is read as one long line above or below all text: below this confidence, and
#: of so much of the text's width. A note in the margin is narrower, and stands beside the text.
_RIM: Final = 0.5
_RIM_WIDTH: Final = 0.5
#: A band of ornaments is read as many of a few characters, below this confidence.
_ORNAMENT: Final = 0.85
_MANY: Final = 12
_KINDS: Final = 3  # characters, white space aside
#: A line to measure others by: so many characters, this sure.
_SURE_CHARS: Final = 4
_SURE: Final = 0.8
_REACH: Final = 0.5  # of a line's height around the sure lines that is still their place
_ALIKE: Final = (0.6, 1.7)  # heights of lines that could be set like the sure ones


def are_dirt(lines: Sequence[LineResult], kinds: Sequence[RegionKind]) -> list[bool]:
    """Which lines are specks, splinters of pictures and shadows that were read as characters.

    A line is dirt when it is short and doubtful, and does not stand among lines that were read
    surely, is unlike them in height, or is in a picture; or when it is as wide as text, above or
    below all of it, and as doubtful as noise; or when it is a few characters again and again. On a
    page without any sure line none is: what is doubtful there is a matter for a person.

    Args:
        lines: of the page.
        kinds: of the regions that they name.
    """
    sure = [
        line
        for line in lines
        if len(line.chars) >= _SURE_CHARS
        and (line.confidence or 0.0) >= _SURE
        and kinds[line.region] is not RegionKind.PICTURE_TEXT
    ]
    if not sure:
        return [False] * len(lines)
    around = Box.union(line.box for line in sure)
    height_px = median(_letters_height(line) for line in sure)
    return [
        _is_rim(line, around)
        or _is_ornament(line)
        or (
            _is_doubtful(line)
            and (
                kinds[line.region] is RegionKind.PICTURE_TEXT
                or not _is_within(line.box, around, _REACH * height_px)
                or not _ALIKE[0] <= _letters_height(line) / height_px <= _ALIKE[1]
            )
        )
        for line in lines
    ]


def _is_doubtful(line: LineResult) -> bool:
    count = sum(c.char != " " for c in line.chars)
    return any(count <= most and (line.confidence or 0.0) < least for most, least in _SHORT)


def _is_ornament(line: LineResult) -> bool:
    chars = [c.char for c in line.chars if c.char != " "]
    is_doubtful = (line.confidence or 0.0) < _ORNAMENT
    return is_doubtful and len(chars) >= _MANY and len(set(chars)) <= _KINDS


def _is_rim(line: LineResult, around: Box) -> bool:
    y_px = (line.box.y0_px + line.box.y1_px) / 2
    return (
        not around.y0_px <= y_px <= around.y1_px
        and (line.confidence or 0.0) < _RIM
        and line.box.width_px >= _RIM_WIDTH * around.width_px
    )


def _letters_height(line: LineResult) -> float:
    return median(c.box.height_px for c in line.chars)


def _is_within(box: Box, around: Box, reach_px: float) -> bool:
    x_px, y_px = (box.x0_px + box.x1_px) / 2, (box.y0_px + box.y1_px) / 2
    return (
        around.x0_px - reach_px <= x_px <= around.x1_px + reach_px
        and around.y0_px - reach_px <= y_px <= around.y1_px + reach_px
    )
