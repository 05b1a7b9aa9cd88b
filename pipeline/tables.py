"""Lines whose pieces stand in columns become the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ocrq.types import LineResult, RegionKind

_ROWS: Final = 3  # at least
_COLUMNS: Final = 3
_FILLED: Final = 0.6  # of the rows of a table in which a column has something


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecedLine:
    """A line and its pieces, wide gaps apart; the line is what they are together."""

    line: LineResult
    pieces: tuple[LineResult, ...]


def cut_tables(
    lines: Sequence[PiecedLine], kinds: dict[int, RegionKind]
) -> tuple[list[LineResult], dict[int, RegionKind]]:
    """Lines in reading order, those of tables cell by cell, and the kinds of all regions.

    A region is a table when three or more columns are filled in most of its three or more rows.
    """
    found: list[LineResult] = []
    named = dict(kinds)
    regions: dict[int, list[PiecedLine]] = {}
    for pieced in lines:
        regions.setdefault(pieced.line.region, []).append(pieced)
    for number, members in regions.items():
        columns = _columns(members) if kinds[number] is RegionKind.TEXT else []
        if not columns:
            found += [m.line for m in members]
            continue
        named[number] = RegionKind.TABLE
        for row, member in enumerate(members):
            found += [
                replace(piece, cell=(row, _column_of(piece, columns))) for piece in member.pieces
            ]
    return found, named


def _columns(members: Sequence[PiecedLine]) -> list[tuple[int, int]]:
    """Left and right ends of the columns, px; none where the pieces stand in no columns."""
    rows = [m.pieces for m in members]
    full = [row for row in rows if len(row) >= _COLUMNS]
    if len(rows) < _ROWS or len(full) < max(_ROWS, _FILLED * len(rows)):
        return []
    spans: list[list[int]] = []  # x0, x1, rows; a heading across columns does not count
    for x0, x1 in sorted((p.box.x0_px, p.box.x1_px) for row in full for p in row):
        if spans and x0 < spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], x1)
            spans[-1][2] += 1
        else:
            spans.append([x0, x1, 1])
    filled = [s for s in spans if s[2] >= _FILLED * len(full)]
    return [(x0, x1) for x0, x1, _ in spans] if len(filled) >= _COLUMNS else []


def _column_of(piece: LineResult, columns: Sequence[tuple[int, int]]) -> int:
    middle_px = (piece.box.x0_px + piece.box.x1_px) / 2

    def off_px(column: tuple[int, int]) -> float:
        return max(column[0] - middle_px, middle_px - column[1], 0.0)

    return min(range(len(columns)), key=lambda k: off_px(columns[k]))
