"""Letters chained from left to right into pieces of lines, without looking at columns yet."""

from __future__ import annotations

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
    x1: int = 0
    tops: list[int] = field(default_factory=list)  # of the last letters
    bottoms: list[int] = field(default_factory=list)
    top: float = 0.0  # band of the last letters
    bottom: float = 0.0
    bucket: int = 0  # of the middle of the band

    def add(self, k: int, y0: int, x1: int, y1: int) -> None:
        self.x1 = x1 if x1 > self.x1 else self.x1
        self.members.append(k)
        self.tops.append(y0)
        self.bottoms.append(y1)
        if len(self.tops) > _TAIL:
            del self.tops[0], self.bottoms[0]
        self.top = _median(self.tops)
        self.bottom = _median(self.bottoms)


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
    x0s, y0s, x1s, y1s = (v[order] for v in (found.x0, found.y0, found.x1, found.y1))
    # Chains by the height on the page of their middle; the first letters are looked for above it.
    firsts = ((y0s - text_height_px) // bucket_px).astype(np.intp)
    above = int(firsts.min(initial=0))
    firsts -= above
    behinds = ((y1s + text_height_px) // bucket_px).astype(np.intp) + 1 - above
    by_bucket: list[list[Chain]] = [[] for _ in range(int(behinds.max(initial=0)))]
    chains: list[Chain] = []
    columns = (v.tolist() for v in (order, x0s, y0s, x1s, y1s, firsts, behinds))
    for k, x0, y0, x1, y1, first, behind in zip(*columns, strict=True):
        best, best_share = None, 0.5
        height = y1 - y0
        for open_chains in by_bucket[first:behind]:
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
            by_bucket[best.bucket].remove(best)
        best.add(k, y0, x1, y1)
        best.bucket = int((best.top + best.bottom) / 2 // bucket_px) - above
        by_bucket[best.bucket].append(best)
    return [np.array(c.members, np.intp) for c in chains]


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
