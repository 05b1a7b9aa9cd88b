"""The best way to read a line from overlapping candidates for its characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A candidate: pieces first..last-1 of the line taken as one character."""

    first: int
    last: int
    score: float  # higher is better; the scores of a path add up


def best_path(spans: Sequence[Span], count: int) -> list[int]:
    """Indices of the spans that cover pieces 0..count-1 without gap or overlap, best total score.

    Args:
        spans: candidates in any order; together they must allow one path.
        count: number of pieces.

    >>> rn_or_m = [(0, 1, -0.9), (1, 2, -0.8), (0, 2, -0.5), (2, 3, -0.1)]
    >>> best_path([Span(first=a, last=b, score=s) for a, b, s in rn_or_m], 3)
    [2, 3]

    Raises:
        ValueError: no path leads through.
    """
    best = [float("-inf")] * (count + 1)
    best[0] = 0.0
    came: list[int] = [-1] * (count + 1)
    for k in sorted(range(len(spans)), key=lambda k: spans[k].last):
        span = spans[k]
        score = best[span.first] + span.score
        if score > best[span.last]:
            best[span.last], came[span.last] = score, k
    path: list[int] = []
    at = count
    while at > 0:
        if came[at] < 0:
            raise ValueError(f"no candidate ends at piece {at} of {count}")
        path.append(came[at])
        at = spans[came[at]].first
    return path[::-1]
