"""Odds of characters and gaps against adding up every path of a tiny network."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ctc.doubt import PageDoubt, doubt_page
from pipeline.ctc.path import best_path
from pipeline.ctc.windows import SURE_ODDS

Logits = npt.NDArray[np.float32]
Text = tuple[int, ...]


def spelled(path: Iterable[int]) -> Text:
    return tuple(k for k, _ in itertools.groupby(path) if k != 0)


def all_texts(logits: Logits) -> dict[Text, float]:
    """The probability of every text, by enumeration of all paths."""
    p = np.exp(logits.astype(np.float64))
    p /= p.sum(axis=1, keepdims=True)
    total: defaultdict[Text, float] = defaultdict(float)
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        total[spelled(path)] += float(np.prod(p[np.arange(len(path)), path]))
    return total


def odds_by_hand(texts: dict[Text, float], line: Text, classes: int) -> list[float]:
    found = []
    for k in range(len(line)):
        others = {(*line[:k], c, *line[k + 1 :]) for c in range(1, classes)} - {line}
        against = sum(texts.get(t, 0.0) for t in others) + texts.get(line[:k] + line[k + 1 :], 0.0)
        found.append(against / texts[line])
    return found


def missing_by_hand(texts: dict[Text, float], line: Text, classes: int) -> float:
    """Weight of all texts with one character more, each counted once."""
    longer = {(*line[:k], c, *line[k:]) for k in range(len(line) + 1) for c in range(1, classes)}
    return sum(texts.get(t, 0.0) for t in longer) / texts[line]


@st.composite
def tiny_logits(draw: st.DrawFn) -> Logits:
    frames, classes = draw(st.integers(1, 6)), draw(st.integers(2, 4))
    values = st.floats(-4, 4, width=32)
    rows = draw(
        st.lists(
            st.lists(values, min_size=classes, max_size=classes),
            min_size=frames,
            max_size=frames,
        )
    )
    return np.array(rows, np.float32)


def exact(logits: Logits) -> PageDoubt:
    return doubt_page(best_path([logits]), alternatives=3, sure_odds=0.0)


@settings(max_examples=150, deadline=None)
@given(tiny_logits())
def test_sums_are_those_of_all_paths(logits: Logits) -> None:
    line = tuple(best_path([logits]).labels.tolist())
    texts, classes = all_texts(logits), logits.shape[1]
    doubt = exact(logits)
    by_hand = odds_by_hand(texts, line, classes)
    assert doubt.odds.tolist() == pytest.approx(by_hand, rel=1e-4, abs=1e-6)
    missing = missing_by_hand(texts, line, classes)
    assert doubt.gap_odds.sum() == pytest.approx(missing, rel=1e-4, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(tiny_logits())
def test_alternatives_are_the_same_ratios(logits: Logits) -> None:
    line = tuple(best_path([logits]).labels.tolist())
    texts = all_texts(logits)
    doubt = exact(logits)
    for k, (others, weights) in enumerate(zip(doubt.others, doubt.other_odds, strict=True)):
        assert sorted(weights, reverse=True) == weights.tolist()
        for char, weight in zip(others.tolist(), weights, strict=True):
            replaced = (*line[:k], char, *line[k + 1 :])
            by_hand = texts.get(replaced, 0.0) / texts[line] if char else 0.0
            assert weight == pytest.approx(by_hand, rel=1e-4, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.lists(tiny_logits(), min_size=1, max_size=6))
def test_lines_do_not_depend_on_their_neighbours(page: list[Logits]) -> None:
    classes = max(frames.shape[1] for frames in page)
    # The network has one vocabulary: what a line cannot be is impossible there.
    page = [np.pad(f, ((0, 0), (0, classes - f.shape[1])), constant_values=-np.inf) for f in page]
    together = doubt_page(best_path(page))
    alone = [doubt_page(best_path([frames])) for frames in page]
    assert together.odds == pytest.approx(np.concatenate([d.odds for d in alone]), rel=1e-5)
    gaps = np.concatenate([d.gap_odds for d in alone])
    assert together.gap_odds == pytest.approx(gaps, rel=1e-5, abs=1e-6)


def long_line(seed: int, sharp: float) -> Logits:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (90, 40)).astype(np.float32)
    spoken = rng.integers(0, 40, 90)
    spoken[::2] = 0
    logits[np.arange(90), spoken] += rng.uniform(2, sharp, 90).astype(np.float32)
    return logits


@pytest.mark.parametrize("seed", range(8))
def test_windows_and_few_classes_give_what_the_whole_line_gives(seed: int) -> None:
    path = best_path([long_line(seed, sharp=16.0)])
    whole = doubt_page(path, sure_odds=0.0, max_frames=200, classes_kept=39)
    cut = doubt_page(path)
    least = np.array([path.odds[a:b].min() for a, b in zip(path.starts, path.ends, strict=True)])
    doubtful = least > SURE_ODDS
    assert doubtful.any()
    assert cut.odds[doubtful] == pytest.approx(whole.odds[doubtful], rel=0.1, abs=2e-3)
    assert cut.gap_odds.sum() == pytest.approx(whole.gap_odds.sum(), rel=0.15)


def test_garbage_is_finite() -> None:
    logits = np.random.default_rng(1).normal(0, 0.1, (400, 329)).astype(np.float32)
    doubt = doubt_page(best_path([logits]), alternatives=3)
    assert np.isfinite(doubt.odds).all()
    assert np.isfinite(doubt.gap_odds).all()
    assert doubt.odds.min() > 0.5


def test_a_page_without_lines_and_lines_without_characters() -> None:
    assert len(doubt_page(best_path([])).odds) == 0
    silent = np.zeros((5, 4), np.float32)
    silent[:, 0] = 3.0
    doubt = doubt_page(best_path([silent, silent[:0]]))
    assert len(doubt.odds) == 0
    assert len(doubt.gap_odds) == 2
    assert doubt.gap_odds[0] > 0.1
    assert doubt.gap_odds[1] == 0
