"""Letters chained from left to right into pieces of lines, without looking at columns yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import MAX_LETTER, Components

Indices = npt.NDArray[np.intp]

#: A wider gap, in letter heights, ends a chain: the next word of a justified line is nearer.
MAX_GAP: Final = 2.5
_TAIL = 6  # letters whose median is the band of a chain, so that it can follow a bent line


@dataclass(slots=True, eq=False)
class Chain:
    """Components of one row, growing to the right."""

    members: list[int] = field(default_factory=list)
    x0: int = 0
    x1: int = 0
    tops: list[int] = field(default_factory=list)
    bottoms: list[int] = field(default_factory=list)
    top: float = 0.0  # band of the last letters
    bottom: float = 0.0

    def add(self, k: int, x0: int, y0: int, x1: int, y1: int) -> None:
        self.x0 = min(self.x0, x0) if self.members else x0
        self.x1 = max(self.x1, x1) if self.members else x1
        self.members.append(k)
        self.tops.append(y0)
        self.bottoms.append(y1)
        self.top = _median(self.tops[-_TAIL:])
        self.bottom = _median(self.bottoms[-_TAIL:])


def chain_letters(found: Components, body: Indices, text_height_px: float) -> list[Indices]:
    """Chain body components whose vertical extents overlap and whose gaps are small.

    Components are taken from left to right; each joins the chain that it overlaps most, if they
    share more than half of the lower one's height and are at most 2.5 times as high as each other.

    Returns:
        Component indices of each chain, from left to right.
    """
    order = body[np.argsort(found.x0[body], kind="stable")]
    bucket_px = max(2.0, text_height_px / 2)
    farthest_px = MAX_GAP * 2 * MAX_LETTER * text_height_px
    by_bucket: dict[int, list[Chain]] = defaultdict(list)
    chains: list[Chain] = []
    x0s, y0s = found.x0[order].tolist(), found.y0[order].tolist()
    x1s, y1s = found.x1[order].tolist(), found.y1[order].tolist()
    for k, x0, y0, x1, y1 in zip(order.tolist(), x0s, y0s, x1s, y1s, strict=True):
        best, best_share = None, 0.5
        height = y1 - y0
        first = int((y0 - text_height_px) // bucket_px)
        last = int((y1 + text_height_px) // bucket_px)
        for bucket in range(first, last + 1):
            open_chains = by_bucket.get(bucket)
            if not open_chains:
                continue
            if x0 - open_chains[0].x1 > farthest_px:
                # Sorted by their last change, so the first is the first to fall behind.
                open_chains.pop(0)
            for chain in open_chains:
                # Every letter is held against every chain near it: most are done with here, and
                # a call of a function would cost more than what it does.
                top, bottom = chain.top, chain.bottom
                shared = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
                other = bottom - top
                share = shared / (height if height < other else other)
                if share > best_share and _are_neighbours(height, other, x0 - chain.x1):
                    best, best_share = chain, share
        if best is None:
            best = Chain()
            chains.append(best)
        else:
            by_bucket[_bucket(best, bucket_px)].remove(best)
        best.add(k, x0, y0, x1, y1)
        by_bucket[_bucket(best, bucket_px)].append(best)
    return [np.array(c.members, np.intp) for c in chains]


def _bucket(chain: Chain, bucket_px: float) -> int:
    return int((chain.top + chain.bottom) / 2 // bucket_px)


def _are_neighbours(height: int, other: float, gap: int) -> bool:
    """Whether a letter and a chain are alike in height, and near enough."""
    return 0.4 * other <= height <= 2.5 * other and gap <= MAX_GAP * max(height, other)


def _median(values: list[int]) -> float:
    """Of a few values; `statistics.median` takes most of its time to find out what they are.

    >>> _median([3, 1, 2]), _median([4, 1, 2, 3])
    (2, 2.5)
    """
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
