"""How sure the characters of a line are: all segmentations and spellings of it are weighed.

The probability of a character is P(line) / [sum over c of P(line with it replaced by c) + P(line
without it)], as `pipeline/ctc/doubt.py` has it for the line engine; P sums over the lattice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.line_knowledge.context import neighbourhood
from pipeline.line_knowledge.lattice_sums import LineLattice, TextSums, sum_texts

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Nodes of the lattices that are summed at a time: bounds the memory of a page of noise.
_NODES: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineDoubt:
    """What is known of one line's characters."""

    probability: Floats  # (N, C) of every class at every character; with `removed` they sum to 1
    missing_risk: float  # probability that a character was not read


def weigh(
    lattices: Sequence[LineLattice],
    spaces: Sequence[Floats],
    kinds: npt.NDArray[np.intp],
) -> list[LineDoubt]:
    """Probabilities of the characters of a page's lines.

    Args:
        lattices: candidates of each line, and what was read.
        spaces: (N - 1,) for each line, probability of a space behind each character but the last.
        kinds: (C,) kind of each class.
    """
    sums: list[TextSums] = []
    for part in _parts(lattices):
        sums += sum_texts(part)
    return [
        _weigh_line(lattice, found, space, kinds)
        for lattice, found, space in zip(lattices, sums, spaces, strict=True)
    ]


def _weigh_line(
    lattice: LineLattice, sums: TextSums, space: Floats, kinds: npt.NDArray[np.intp]
) -> LineDoubt:
    around = neighbourhood(kinds[lattice.text], space)
    replaced = sums.replaced * around.replaced[:, kinds]
    total = replaced.sum(axis=1) + sums.removed * around.removed
    more = (sums.inserted * around.inserted[:, kinds]).sum(axis=1)
    return LineDoubt(
        probability=replaced / np.maximum(total, 1e-300)[:, None],
        missing_risk=float(1 - np.prod(1 / (1 + more))),
    )


def _parts(lattices: Sequence[LineLattice]) -> list[list[LineLattice]]:
    """The lines in runs of bounded size."""
    parts: list[list[LineLattice]] = []
    nodes = _NODES + 1
    for lattice in lattices:
        size = int(lattice.last.max(initial=0)) + 1
        if nodes + size > _NODES:
            parts.append([])
            nodes = 0
        parts[-1].append(lattice)
        nodes += size
    return parts
