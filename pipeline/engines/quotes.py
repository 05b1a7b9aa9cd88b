"""Double quotes that were read as two single ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ocrq.types import Box, CharResult

_NEAR: Final = 0.4  # white between the two, in x-heights


def join_quotes(chars: Sequence[CharResult], x_height_px: float) -> tuple[CharResult, ...]:
    """Two single quotes side by side become one double quote.

    >>> single = [
    ...     CharResult(char="'", confidence=0.9, box=Box(x0_px=x, y0_px=0, x1_px=x + 4, y1_px=8))
    ...     for x in (0, 6, 40)
    ... ]
    >>> [(c.char, c.box.x1_px) for c in join_quotes(single, 20.0)]
    [('"', 10), ("'", 44)]
    """
    joined: list[CharResult] = []
    for char in chars:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.char == char.char == "'"
            and char.box.x0_px - last.box.x1_px <= _NEAR * x_height_px
        ):
            confidence = min(last.confidence, char.confidence)
            box = Box.union((last.box, char.box))
            joined[-1] = CharResult(char='"', confidence=confidence, box=box)
        else:
            joined.append(char)
    return tuple(joined)
