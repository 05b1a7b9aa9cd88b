"""Staves of music: five level rules at equal distance, and no sixth.

They bend with the sheet and are broken where the print is worn, so that they are looked for in
narrow strips of the page and followed from strip to strip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.marks import reduce_ink
from pipeline.rule_runs import long_runs, painted_runs, thin_runs

Floats = npt.NDArray[np.float64]

_LINES: Final = 5
_STRIP: Final = 4.0  # letter heights
_LEAST_RUN: Final = 1.0  # letter heights of a piece of a worn line
_LEAST_RUN_PX: Final = 8
_GAP_PX: Final = 2
_THICK: Final = 0.25  # letter heights
_LEAST_INKED: Final = 0.35  # of a strip's width is a line's in it
_MAYBE_INKED: Final = 0.4  # of that in three rows of pixels, of a line that slopes
_SPACE: Final = (0.35, 1.9)  # letter heights from line to line
_UNEVEN: Final = 0.18  # of the space between two lines
#: To a sixth rule above or below, in spaces; ledger lines are shorter than what is looked for.
_ALONE: Final = 1.5
_STEP: Final = 0.5  # spaces that a staff rises or falls from strip to strip, at most
_LEAST_STRIPS: Final = 3
_MOST_MISSED: Final = 8  # strips in which notes hide a line
_MOST_HIDDEN: Final = 2  # strips without lines amid a staff; two staves are farther apart
_MOST_WHITE: Final = 0.8  # spaces of a line that are worn away near its end
_BEYOND: Final = 0.4  # spaces that the last bar and a brace stand beside the lines
_LEAST_AT_END: Final = 2  # lines that go on to the end of a staff; print is worn there
_NEAR: Final = 0.2  # spaces from where a line should be


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staff:
    """One staff on a level page, column by column of pixels (W,)."""

    spans: tuple[tuple[int, int], ...]  # x from and to (half-open) where its lines are
    top: Floats  # y of the uppermost line
    space: Floats  # px from line to line

    @property
    def bottom(self) -> Floats:
        """The y of the lowest line (W,)."""
        return self.top + (_LINES - 1) * self.space


def find_staves(ink: InkImage, text_height_px: float, small: InkImage | None = None) -> list[Staff]:
    """The staves of a level page, from top to bottom.

    Args:
        ink: (H, W) bool, True = ink.
        text_height_px: of a typical letter, a note's head maybe.
        small: `reduce_ink` of this ink or of more; made when None.
    """
    small = reduce_ink(ink) if small is None else small
    factor = max(1, ink.shape[0] // max(1, small.shape[0]))
    # Most pages have none, and that shows at 100 dpi at a fraction of the cost.
    if factor > 1 and not _chains(small, text_height_px / factor):
        return []
    chains = _chains(ink, text_height_px)
    return [_staff(ink, c, _strip_px(text_height_px)) for c in chains]


def _chains(ink: InkImage, t: float) -> list[list[_Five]]:
    """Five lines followed from strip to strip, the uppermost staff first; `t` a letter's height."""
    runs = long_runs(ink, max(_LEAST_RUN_PX, round(_LEAST_RUN * t)), _GAP_PX)
    lines = thin_runs(painted_runs(runs, 0, ink.shape), max(2, round(_THICK * t)))
    width_px = _strip_px(t)
    chains: list[list[_Five]] = []
    for n in _busy_strips(lines, width_px):
        x0 = n * width_px
        for five in _fives(lines[:, x0 : x0 + width_px], n, t):
            near = [chain for chain in chains if _follows(chain[-1], five)]
            if near:
                min(near, key=lambda c: abs(c[-1].top - five.top)).append(five)
            else:
                chains.append([five])
    long = [chain for chain in chains if len(chain) >= _LEAST_STRIPS]
    return sorted(long, key=lambda chain: chain[0].top)


def _strip_px(t: float) -> int:
    return max(16, round(_STRIP * t))


def _busy_strips(lines: GrayImage, width_px: int) -> list[int]:
    """Numbers of the strips that may have five rules: all are looked at in one go."""
    starts = np.arange(0, max(1, lines.shape[1] - width_px // 2), width_px)
    inked = np.add.reduceat(lines, starts, axis=1, dtype=np.int32)
    inked[1:-1] += inked[:-2] + inked[2:]  # a rule that slopes is in a few rows of pixels
    dark = inked >= _MAYBE_INKED * _LEAST_INKED * width_px
    rules = np.count_nonzero(dark[1:] & ~dark[:-1], axis=0) + dark[0]
    return np.flatnonzero(rules >= _LINES).tolist()


@dataclass(frozen=True, slots=True)
class _Five:
    """Five lines in one strip."""

    strip: int
    top: float
    space: float


def _fives(strip: GrayImage, number: int, t: float) -> list[_Five]:
    """Where there are five rules in a strip, and no sixth.

    Args:
        strip: (H, w) uint8, 1 = thin run.
        number: of the strip.
        t: a letter's height in pixels.
    """
    centres = _centres(strip)
    if len(centres) < _LINES:
        return []
    gaps = np.diff(centres, prepend=-np.inf, append=np.inf)  # the gap above each, and the last's
    within = np.lib.stride_tricks.sliding_window_view(gaps[1:-1], _LINES - 1)
    space = within.mean(axis=1)
    is_even = np.abs(within - space[:, None]).max(axis=1) <= np.maximum(1.5, _UNEVEN * space)
    is_alone = np.minimum(gaps[: len(space)], gaps[_LINES:]) >= _ALONE * space
    fits = (_SPACE[0] * t <= space) & (space <= _SPACE[1] * t) & is_even & is_alone
    return [
        _Five(number, float(centres[k]), float(space[k])) for k in np.flatnonzero(fits).tolist()
    ]


def _centres(strip: GrayImage) -> Floats:
    """The y of the middle of each rule in a strip, from top to bottom."""
    count = strip.sum(axis=1, dtype=np.int64)
    # A rule that slopes is in a few rows of pixels one after the other.
    inked = np.flatnonzero(np.convolve(count, np.ones(3, np.int64), "same"))
    if not len(inked):
        return np.empty(0)
    starts = np.flatnonzero(np.diff(inked, prepend=-2) > 1)
    across = np.maximum.reduceat(strip[inked], starts, axis=0).sum(axis=1, dtype=np.int64)
    total = np.add.reduceat(count[inked], starts)
    middle = np.add.reduceat(count[inked] * inked, starts) / np.maximum(total, 1)
    return np.asarray(middle[across >= _LEAST_INKED * strip.shape[1]], np.float64)


def _follows(last: _Five, five: _Five) -> bool:
    strips = five.strip - last.strip
    return (
        0 < strips <= _MOST_MISSED
        and abs(five.top - last.top) <= _STEP * last.space * min(strips, 2)
        and abs(five.space - last.space) <= _UNEVEN * last.space
    )


def _staff(ink: InkImage, chain: Sequence[_Five], strip_px: int) -> Staff:
    """The staff through a chain, as far to the left and right as its lines go."""
    x = np.arange(ink.shape[1], dtype=np.float64)
    at = np.array([(five.strip + 0.5) * strip_px for five in chain])
    top = np.interp(x, at, [five.top for five in chain])
    space = np.interp(x, at, [five.space for five in chain])
    seen = np.zeros(len(x), np.int64)
    columns = np.arange(len(x))
    for n in range(_LINES):
        near = np.zeros(len(x), np.bool_)
        for off in np.arange(-_NEAR, _NEAR + 0.01, 0.1):
            y = np.clip(np.round(top + (n + off) * space), 0, len(ink) - 1).astype(np.intp)
            near |= ink[y, columns]
        seen += near
    inked = np.flatnonzero(seen >= _LEAST_AT_END)
    space_px = float(np.median(space))
    # Beyond its outermost strips a staff ends at the first white: words may stand beside it.
    amid = (inked[:-1] >= at[0]) & (inked[1:] <= at[-1])
    white = np.where(amid, _MOST_HIDDEN * strip_px, _MOST_WHITE * space_px)
    parts = np.split(inked, np.flatnonzero(np.diff(inked) > white) + 1)
    beyond = round(_BEYOND * space_px)
    spans = tuple(
        (max(0, int(part[0]) - beyond), min(len(x), int(part[-1]) + 1 + beyond))
        for part in parts
        if len(part) and part[-1] >= at[0] and part[0] <= at[-1]
    )
    return Staff(spans=spans, top=top, space=space)
