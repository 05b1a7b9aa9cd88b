"""Candidates for the characters of a line: the glyphs, and for doubtful ones cuts and joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.engines.engine import LineImage
from pipeline.engines.pieces import Piece, box_around, cut, whole

_WIDEST: Final = 2.3  # character, in x-heights; W and dashes are wider only in display type
_SURE: Final = 0.9  # a glyph read so well is neither cut nor joined ...
_CUT_FROM: Final = 0.75  # ... nor is a glyph cut that is narrower than this, in x-heights
_ALWAYS_CUT: Final = 1.9  # but one this wide is cut, however sure
_JOIN_GAP: Final = 0.3  # white inside of a broken character, in x-heights, at most
_MOST_JOINED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Pieces first..last-1 of a line's sequence, taken as one character."""

    first: int
    last: int
    pieces: tuple[Piece, ...]
    cuts: int = 0  # made at its right side
    joins: int = 0  # of glyphs that are not connected


def singles(line: LineImage) -> list[Candidate]:
    """Every glyph as it is."""
    return [
        Candidate(first=k, last=k + 1, pieces=(whole(line, k),)) for k in range(len(line.glyphs))
    ]


def further(line: LineImage, sureness: Sequence[float]) -> list[Candidate]:
    """The glyphs once more with the cuts and joins of the doubtful ones.

    Args:
        line: the line.
        sureness: of each glyph, the probability of its best character, 0..1.

    Returns:
        Candidates over the line's sequence of pieces; glyph k, whole, is always among them.
    """
    sequence: list[Piece] = []
    starts: list[int] = []
    for k in range(len(line.glyphs)):
        starts.append(len(sequence))
        sequence += cut(line, k) if _may_be_cut(line, k, sureness[k]) else [whole(line, k)]
    starts.append(len(sequence))
    found = [
        Candidate(first=starts[k], last=starts[k + 1], pieces=(whole(line, k),))
        for k in range(len(line.glyphs))
    ]
    for k in range(len(line.glyphs)):
        found += _parts(line, sequence, starts[k], starts[k + 1])
        found += _joined(line, sureness, starts, k)
    return found


def _may_be_cut(line: LineImage, k: int, sureness: float) -> bool:
    width = line.glyphs[k].width_px / line.x_height_px
    tall_enough = line.glyphs[k].height_px >= 0.5 * line.x_height_px
    doubtful = width >= _CUT_FROM and sureness < _SURE
    return tall_enough and (doubtful or width >= _ALWAYS_CUT)


def _parts(line: LineImage, sequence: list[Piece], start: int, end: int) -> list[Candidate]:
    """Runs of the pieces of one cut glyph that are no wider than a character."""
    found = []
    for first in range(start, end):
        for last in range(first + 1, end + 1):
            pieces = tuple(sequence[first:last])
            x0, _, x1, _ = box_around(pieces)
            if x1 - x0 > _WIDEST * line.x_height_px and last > first + 1:
                break
            if (first, last) != (start, end):
                cuts = int(last < end)
                found.append(Candidate(first=first, last=last, pieces=pieces, cuts=cuts))
    return found


def _joined(
    line: LineImage, sureness: Sequence[float], starts: Sequence[int], k: int
) -> list[Candidate]:
    """Glyph k with one or two whole glyphs after it, for broken characters and quotes."""
    found = []
    pieces = [whole(line, k)]
    for other in range(k + 1, min(k + _MOST_JOINED, len(line.glyphs))):
        before, after = line.glyphs[other - 1], line.glyphs[other]
        gap = (after.x0_px - before.x1_px) / line.x_height_px
        doubtful = min(sureness[other - 1], sureness[other]) < _SURE
        small = max(before.height_px, after.height_px) < 0.7 * line.x_height_px
        if gap > (_JOIN_GAP if doubtful or small else 0.0) or not (doubtful or small):
            break
        pieces.append(whole(line, other))
        x0, _, x1, _ = box_around(pieces)
        if x1 - x0 > _WIDEST * line.x_height_px:
            break
        found.append(
            Candidate(
                first=starts[k],
                last=starts[other + 1],
                pieces=tuple(pieces),
                joins=len(pieces) - 1,
            )
        )
    return found
