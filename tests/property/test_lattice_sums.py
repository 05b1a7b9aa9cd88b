"""Sums over segmentations against counting every segmentation and spelling, on small lines."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.line_knowledge.lattice import Span, best_path
from pipeline.line_knowledge.lattice_sums import LineLattice, sum_texts

_CLASSES = 3


@st.composite
def lattices(draw: st.DrawFn) -> LineLattice:
    pieces = draw(st.integers(1, 5))
    spans = [(k, k + 1) for k in range(pieces)]
    wider = [(a, b) for a in range(pieces) for b in range(a + 2, min(a + 3, pieces) + 1)]
    spans += [s for s in wider if draw(st.booleans())]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    order = rng.permutation(len(spans))
    first, last = np.array(spans)[order].T
    score = rng.normal(0, 2, (len(spans), _CLASSES))
    skip = np.where(rng.random(len(spans)) < 0.5, rng.normal(-2, 1, len(spans)), -np.inf)
    best = score.max(axis=1)
    path = best_path(
        [
            Span(first=int(a), last=int(b), score=float(s))
            for a, b, s in zip(first, last, best, strict=True)
        ],
        pieces,
    )
    return LineLattice(
        first=first,
        last=last,
        score=score,
        skip=skip,
        path=np.array(path),
        text=score[path].argmax(axis=1),
    )


def weights_of_texts(lattice: LineLattice) -> dict[tuple[int, ...], float]:
    """Every text that any segmentation spells, with the sum of its weights."""
    pieces = int(lattice.last.max())
    found: list[dict[tuple[int, ...], float]] = [defaultdict(float) for _ in range(pieces + 1)]
    found[0][()] = 1.0
    for k in sorted(range(len(lattice.first)), key=lambda k: lattice.first[k]):
        target = found[lattice.last[k]]
        for text, weight in found[lattice.first[k]].items():
            for c in range(_CLASSES):
                target[(*text, c)] += weight * float(np.exp(lattice.score[k, c]))
            if np.isfinite(lattice.skip[k]):
                target[text] += weight * float(np.exp(lattice.skip[k]))
    return found[pieces]


@settings(max_examples=60, deadline=None)
@given(st.lists(lattices(), min_size=1, max_size=3))
def test_sums_are_those_of_all_segmentations(page: list[LineLattice]) -> None:
    for lattice, sums in zip(page, sum_texts(page, radius=8), strict=True):
        weights = weights_of_texts(lattice)
        text = tuple(lattice.text.tolist())
        whole = weights[text]
        for k, c in itertools.product(range(len(text)), range(_CLASSES)):
            other = (*text[:k], c, *text[k + 1 :])
            assert sums.replaced[k, c] == pytest.approx(weights[other] / whole, abs=1e-8, rel=1e-6)
        for k in range(len(text)):
            less = weights.get(text[:k] + text[k + 1 :], 0.0) / whole
            assert sums.removed[k] == pytest.approx(less, abs=1e-8, rel=1e-6)
        for gap, c in itertools.product(range(len(text) + 1), range(_CLASSES)):
            more = weights.get((*text[:gap], c, *text[gap:]), 0.0) / whole
            again = gap < len(text) and text[gap] == c
            assert sums.inserted[gap, c] == pytest.approx(
                0.0 if again else more, abs=1e-8, rel=1e-6
            )


def test_a_line_without_pieces_has_no_sums() -> None:
    nothing = np.zeros(0, np.intp)
    empty = LineLattice(
        first=nothing,
        last=nothing,
        score=np.zeros((0, _CLASSES)),
        skip=np.zeros(0),
        path=nothing,
        text=nothing,
    )
    (sums,) = sum_texts([empty])
    assert sums.replaced.shape == (0, _CLASSES)
    assert sums.inserted.tolist() == [[0.0] * _CLASSES]
