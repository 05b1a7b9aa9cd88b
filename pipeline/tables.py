"""Lines whose pieces stand in columns become the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ocrq.types import LineResult, RegionKind
from pipeline.joined import join_lines

Span = tuple[int, int]  # left and right end, px

_ROWS: Final = 3  # at least
_COLUMNS: Final = 3
_FILLED: Final = 0.6  # of the rows in which a column has something that makes a table
_SPARSE: Final = 0.25  # the same of a column beside these
_ACROSS: Final = 0.1  # of the rows may have words between two columns, as a heading has


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecedLine:
    """A line and its pieces, wide gaps apart; the line is what they are together."""

    line: LineResult
    pieces: tuple[LineResult, ...]


def cut_tables(
    lines: Sequence[PiecedLine], kinds: dict[int, RegionKind]
) -> tuple[list[LineResult], dict[int, RegionKind]]:
    """Lines in reading order, those of tables cell by cell, and the kinds of all regions.

    A region is a table when three or more columns are filled in most of its three or more rows. A
    piece between columns, such as a speck or the end of a long heading, is in the nearest one.
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
            cells: dict[int, list[LineResult]] = {}
            for piece in member.pieces:
                cells.setdefault(_column_of(piece, columns), []).append(piece)
            found += [
                replace(join_lines(pieces), cell=(row, column))
                for column, pieces in sorted(cells.items())
            ]
    return found, named


def _columns(members: Sequence[PiecedLine]) -> list[Span]:
    """The columns of a region from left to right; none where its pieces stand in no columns."""
    rows = [[_span(p) for p in m.pieces if _has_words(p)] for m in members]
    full = [row for row in rows if len(row) >= _COLUMNS]
    if len(rows) < _ROWS or len(full) < max(_ROWS, _FILLED * len(rows)):
        return []
    spans = _covered([span for row in full for span in row], _ACROSS * len(full))
    shares = [sum(any(_meet(s, span) for s in row) for row in full) / len(full) for span in spans]
    if sum(share >= _FILLED for share in shares) < _COLUMNS:
        return []
    return [span for span, share in zip(spans, shares, strict=True) if share >= _SPARSE]


def _covered(pieces: Sequence[Span], least: float) -> list[Span]:
    """Stretches of the line in which more than so many pieces stand above each other.

    >>> _covered([(0, 30), (5, 40), (60, 90), (55, 90), (0, 90)], 1)
    [(0, 40), (55, 90)]
    """
    edges = sorted([(x0, 1) for x0, _ in pieces] + [(x1, -1) for _, x1 in pieces])
    spans: list[Span] = []
    depth, start = 0, 0
    for x, step in edges:
        before, depth = depth, depth + step
        if before <= least < depth:
            start = x
        elif depth <= least < before and x > start:
            spans.append((start, x))
    return spans


def _span(piece: LineResult) -> Span:
    return piece.box.x0_px, piece.box.x1_px


def _has_words(piece: LineResult) -> bool:
    return any(c.char.isalnum() for c in piece.chars)


def _meet(a: Span, b: Span) -> bool:
    return min(a[1], b[1]) > max(a[0], b[0])


def _column_of(piece: LineResult, columns: Sequence[Span]) -> int:
    """The column that shares most with a piece, else the nearest."""
    x0, x1 = _span(piece)
    return max(range(len(columns)), key=lambda k: min(x1, columns[k][1]) - max(x0, columns[k][0]))
