"""The number of a page that stands on the line of its running head is a region of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrq.types import LineResult, RegionKind
from pipeline.joined import join_lines
from pipeline.region_kinds import is_number
from pipeline.tables import PiecedLine


def part_numbers(
    lines: Sequence[PiecedLine], kinds: dict[int, RegionKind]
) -> tuple[list[PiecedLine], dict[int, RegionKind]]:
    """Lines in reading order with such numbers as lines, and the kinds of all regions.

    A number is parted where a gap wider than those between words is between it and the head.
    """
    parted: list[PiecedLine] = []
    named = dict(kinds)
    for pieced in lines:
        found = None
        if named[pieced.line.region] is RegionKind.RUNNING_HEAD:
            found = _number_and_rest(pieced.pieces)
        if found is None:
            parted.append(pieced)
            continue
        number, rest = found
        region = max(named) + 1
        named[region] = RegionKind.PAGE_NUMBER
        alone = replace(number, region=region)
        both = [
            PiecedLine(line=alone, pieces=(alone,)),
            PiecedLine(line=join_lines(rest), pieces=rest),
        ]
        parted += both if number is pieced.pieces[0] else both[::-1]
    return parted, named


def _number_and_rest(
    pieces: tuple[LineResult, ...],
) -> tuple[LineResult, tuple[LineResult, ...]] | None:
    """The outermost piece that is a number, and the others, which are none."""
    if len(pieces) < 2:
        return None
    for number, rest in ((pieces[0], pieces[1:]), (pieces[-1], pieces[:-1])):
        if is_number(number.text) and not any(is_number(piece.text) for piece in rest):
            return number, rest
    return None
