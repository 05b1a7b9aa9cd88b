"""Readings side by side become one: their characters with a space between them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ocrq.types import Box, CharResult, LineResult

#: That a gap this wide is a space is as sure as anything on a page.
_SPACE_CONFIDENCE: Final = 0.999

Changed = tuple[tuple[int, str], ...]  # (position, character as seen)


def join_chars(
    pieces: Sequence[tuple[tuple[CharResult, ...], Changed]], *, is_initial: bool = False
) -> tuple[tuple[CharResult, ...], Changed]:
    """The characters of pieces from left to right, none of them empty, and what was changed.

    Args:
        pieces: characters, and what was changed of them.
        is_initial: the first is the letter that the second goes on with, without a space.
    """
    chars: list[CharResult] = []
    changed: list[tuple[int, str]] = []
    for k, (own, seen) in enumerate(pieces):
        if chars and not (is_initial and k == 1):
            chars.append(_space(chars[-1].box, own[0].box))
        changed += [(len(chars) + position, char) for position, char in seen]
        chars += own
    return tuple(chars), tuple(changed)


def join_risks(risks: Sequence[float | None]) -> float | None:
    """That any piece misses a character; None when an engine did not say."""
    known = [risk for risk in risks if risk is not None]
    return 1.0 - math.prod(1.0 - risk for risk in known) if len(known) == len(risks) else None


def join_lines(lines: Sequence[LineResult]) -> LineResult:
    """Pieces of one line as one piece."""
    if len(lines) == 1:
        return lines[0]
    chars, changed = join_chars([(line.chars, line.changed) for line in lines])
    engines = Counter(line.engine for line in lines for _ in line.chars)
    return replace(
        lines[0],
        box=Box.union(c.box for c in chars),
        baseline=(lines[0].baseline[0], lines[-1].baseline[1]),
        chars=chars,
        missing_risk=join_risks([line.missing_risk for line in lines]),
        engine=engines.most_common(1)[0][0],
        changed=changed,
    )


def _space(left: Box, right: Box) -> CharResult:
    """The gap between two characters, as wide as it is and as high as both."""
    x0_px = min(left.x1_px, right.x0_px)
    box = Box(
        x0_px=x0_px,
        y0_px=min(left.y0_px, right.y0_px),
        x1_px=max(right.x0_px, x0_px + 1),
        y1_px=max(left.y1_px, right.y1_px),
    )
    return CharResult(char=" ", confidence=_SPACE_CONFIDENCE, box=box)
