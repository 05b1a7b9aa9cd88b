"""Sums over all segmentations of a line, of texts that differ from what was read in one character.

A line is a sequence of pieces; spans of pieces are read as one character each or skipped as dirt.
The weight of a text is the sum over all ways to cover the pieces with spans that spell it. Forward
and backward sums over (piece, characters spelled so far) give the weight of the text as read, of
the text with one character replaced by any class, with one left out and with one put in: what
`pipeline/ctc/sums.py` does for CTC paths. All lines of a page move in step, in logarithms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: How many characters a segmentation may run ahead of the one read, or fall behind it.
RADIUS: Final = 6
_UNHEARD: Final = -25.0  # log weight against the text as read that adds nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineLattice:
    """Spans of the pieces of one line, and the path that was read."""

    first: Indices  # (S,) a span covers pieces first..last-1
    last: Indices  # (S,)
    score: Floats  # (S, C) log weight of the span read as each class; -inf: impossible
    skip: Floats  # (S,) log weight of the span as no character
    path: Indices  # (N,) the spans that were read, from left to right, covering all pieces
    text: Indices  # (N,) class of each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextSums:
    """Weights relative to that of the text as read (1.0)."""

    replaced: Floats  # (N, C) each character by each class; its own column is 1
    removed: Floats  # (N,) without it
    inserted: Floats  # (N + 1, C) a character more in each gap; a text that two gaps give is once


def sum_texts(lattices: Sequence[LineLattice], radius: int = RADIUS) -> list[TextSums]:
    """The sums of every line; exact for segmentations within `radius` of the one read."""
    lines = [k for k, lattice in enumerate(lattices) if len(lattice.path)]
    found = {k: _nothing(lattices[k]) for k in range(len(lattices))}
    if lines:
        graph = _Graph([lattices[k] for k in lines], radius)
        found.update(zip(lines, graph.sums(), strict=True))
    return [found[k] for k in range(len(lattices))]


def _nothing(lattice: LineLattice) -> TextSums:
    classes = lattice.score.shape[1]
    return TextSums(
        replaced=np.zeros((0, classes)), removed=np.zeros(0), inserted=np.zeros((1, classes))
    )


class _Graph:
    """All lines side by side: nodes between pieces, edges for spans, columns for the text's place.

    Column c of a node stands for `base + c - radius` characters spelled, with base the number that
    the path as read has spelled there.
    """

    def __init__(self, lattices: Sequence[LineLattice], radius: int) -> None:
        self._lattices = lattices
        self._radius = radius
        self._width = 2 * radius + 1
        pieces = np.array([int(x.last.max()) for x in lattices])
        self._counts = np.array([len(x.path) for x in lattices])
        self._start = np.concatenate([[0], np.cumsum(pieces + 1)])
        self._text_start = np.concatenate([[0], np.cumsum(self._counts)])
        self._line = np.repeat(np.arange(len(lattices)), [len(x.first) for x in lattices])
        self._src = np.concatenate([x.first for x in lattices]) + self._start[self._line]
        self._dst = np.concatenate([x.last for x in lattices]) + self._start[self._line]
        self._score = np.vstack([x.score for x in lattices])
        self._skip = np.concatenate([x.skip for x in lattices])
        self._text = np.concatenate([x.text for x in lattices])
        self._base = np.concatenate(
            [
                np.searchsorted(x.last[x.path], np.arange(count + 1), side="right")
                for x, count in zip(lattices, pieces, strict=True)
            ]
        )
        self._place = np.concatenate([np.arange(count + 1) for count in pieces])
        self._steps = int(pieces.max())

    def sums(self) -> list[TextSums]:
        """Forward, backward, and what each edge adds."""
        edges = np.arange(len(self._src))
        skips = np.flatnonzero(np.isfinite(self._skip))
        spelled = self._base[self._dst][:, None] + np.arange(self._width) - self._radius
        count = self._counts[self._line][:, None]
        at = np.clip(spelled - 1, 0, count - 1) + self._text_start[self._line][:, None]
        emitted = self._score[edges[:, None], self._text[at]]
        emitted = np.where((spelled >= 1) & (spelled <= count), emitted, -np.inf)
        passed = np.broadcast_to(self._skip[skips][:, None], (len(skips), self._width))
        step = self._base[self._dst] - self._base[self._src]
        moves = _Moves(
            src=np.concatenate([self._src, self._src[skips]]),
            dst=np.concatenate([self._dst, self._dst[skips]]),
            shift=np.concatenate([step - 1, step[skips]]),
            weight=np.vstack([emitted, passed]),
        )
        forward, arrived = self._forward(moves, len(edges))
        backward = self._backward(moves)
        ends = self._start[1:] - 1
        total = forward[ends, self._radius]
        return self._collect(forward, arrived, backward, total)

    def _forward(self, moves: _Moves, emitting: int) -> tuple[Floats, Floats]:
        """(nodes, W) log weight of all ways to a node, and of those that end with a character."""
        weight = np.full((len(self._base), self._width), -np.inf)
        weight[self._start[:-1], self._radius] = 0.0
        arrived = weight.copy()
        for chosen in _by_step(self._place[moves.dst], self._steps, moves.dst):
            values = moves.ahead(chosen, weight)
            dst = moves.dst[chosen]
            spelled = np.where((chosen < emitting)[:, None], values, -np.inf)
            starts = _starts(dst)
            weight[dst[starts]] = _add_up(values, starts)
            arrived[dst[starts]] = _add_up(spelled, starts)
        return weight, arrived

    def _backward(self, moves: _Moves) -> Floats:
        """(nodes, W) log weight of all ways from a node to the end of its line."""
        weight = np.full((len(self._base), self._width), -np.inf)
        weight[self._start[1:] - 1, self._radius] = 0.0
        for chosen in reversed(_by_step(self._place[moves.src], self._steps, moves.src)):
            src = moves.src[chosen]
            starts = _starts(src)
            weight[src[starts]] = _add_up(moves.back(chosen, weight), starts)
        return weight

    def _collect(
        self, forward: Floats, arrived: Floats, backward: Floats, total: Floats
    ) -> list[TextSums]:
        columns = np.arange(self._width)
        spelled = self._base[self._dst][:, None] + columns - self._radius
        step = (self._base[self._dst] - self._base[self._src])[:, None]
        count = self._counts[self._line][:, None]
        text_start = self._text_start[self._line][:, None]
        behind = backward[self._dst] - total[self._line][:, None]
        replaced = self._per_place(
            _taken(forward[self._src], columns + step - 1) + behind,
            np.where((spelled >= 1) & (spelled <= count), text_start + spelled - 1, -1),
            len(self._text),
        )
        inserted = self._per_place(
            _taken(forward[self._src], columns + step) + behind,
            np.where(
                (spelled >= 0) & (spelled <= count), text_start + self._line[:, None] + spelled, -1
            ),
            len(self._text) + len(self._lattices),
        )
        line = np.repeat(np.arange(len(self._lattices)), np.diff(self._start))
        around = arrived[:, :-1] + backward[:, 1:] - total[line][:, None]
        place = self._base[:, None] + columns[:-1] - self._radius
        inside = (place >= 0) & (place < self._counts[line][:, None]) & (around > _UNHEARD)
        removed: Floats = np.bincount(
            (self._text_start[line][:, None] + place)[inside],
            weights=np.exp(around[inside]),
            minlength=len(self._text),
        ).astype(np.float64)
        results = []
        for k, lattice in enumerate(self._lattices):
            part = slice(self._text_start[k], self._text_start[k + 1])
            gaps = inserted[self._text_start[k] + k : self._text_start[k + 1] + k + 1]
            # Another o before an o is another o behind it.
            gaps[np.arange(len(lattice.text)), lattice.text] = 0.0
            results.append(TextSums(replaced=replaced[part], removed=removed[part], inserted=gaps))
        return results

    def _per_place(self, around: Floats, place: Indices, places: int) -> Floats:
        """(places, C) sums of exp(around + score) over the edges of each place; -1 is none."""
        highest = self._score.max(axis=1)[:, None]
        edge, column = np.nonzero((place >= 0) & (around + highest > _UNHEARD))
        result = np.zeros((places, self._score.shape[1]))
        if len(edge):
            at = place[edge, column]
            order = np.argsort(at, kind="stable")
            weights = np.exp(around[edge, column][:, None] + self._score[edge])[order]
            starts = _starts(at[order])
            result[at[order][starts]] = np.add.reduceat(weights, starts, axis=0)
        return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moves:
    """Edges, those that spell a character before those that skip."""

    src: Indices
    dst: Indices
    shift: Indices  # column at src is column at dst plus this
    weight: Floats  # (E, W) by column at dst

    def ahead(self, chosen: Indices, weight: Floats) -> Floats:
        """(len(chosen), W) by column at dst: weight at src and of the edge."""
        columns = np.arange(weight.shape[1]) + self.shift[chosen, None]
        return _taken(weight[self.src[chosen]], columns) + self.weight[chosen]

    def back(self, chosen: Indices, weight: Floats) -> Floats:
        """(len(chosen), W) by column at src: weight at dst and of the edge."""
        columns = np.arange(weight.shape[1]) - self.shift[chosen, None]
        return _taken(weight[self.dst[chosen]] + self.weight[chosen], columns)


def _taken(values: Floats, columns: Indices) -> Floats:
    """Values (N, W) at the columns (N, W); -inf where there is no such column."""
    width = values.shape[1]
    inside = (columns >= 0) & (columns < width)
    taken = np.take_along_axis(values, np.clip(columns, 0, width - 1), axis=1)
    result: Floats = np.where(inside, taken, -np.inf)
    return result


def _by_step(place: Indices, steps: int, node: Indices) -> list[Indices]:
    """Edges of each piece from left to right, those of a node together."""
    order = np.lexsort((node, place))
    bounds = np.searchsorted(place[order], np.arange(steps + 2))
    parts = [order[a:b] for a, b in pairwise(bounds.tolist())]
    return [part for part in parts if len(part)]


def _starts(values: Indices) -> Indices:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))


def _add_up(values: Floats, starts: Indices) -> Floats:
    """Logarithm of the sum of exp over each run of rows."""
    highest = np.maximum.reduceat(values, starts, axis=0)
    floor = np.where(np.isfinite(highest), highest, 0.0)
    runs = np.diff(np.concatenate([starts, [len(values)]]))
    total = np.add.reduceat(np.exp(values - np.repeat(floor, runs, axis=0)), starts, axis=0)
    with np.errstate(divide="ignore"):
        result: Floats = np.log(total) + floor
    return result
