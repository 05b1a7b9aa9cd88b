"""Decoding CTC frames gives back what they spell."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ctc import best_path, log_softmax
from pipeline.vocabulary import BLANK, CHARACTERS, decode, encode

_CLASSES = len(CHARACTERS) + 1


def frames_of(path: list[int], sure: float = 9.0) -> np.ndarray:
    logits = np.zeros((len(path), _CLASSES), np.float32)
    for t, index in enumerate(path):
        logits[t, index] = sure
    return log_softmax(logits)


@given(
    st.lists(
        st.tuples(st.sampled_from(CHARACTERS), st.integers(1, 4), st.integers(0, 3)), max_size=20
    )
)
def test_a_spelled_path_is_read_back(runs: list[tuple[str, int, int]]) -> None:
    path: list[int] = []
    text = ""
    for char, length, blanks in runs:
        index = encode(char)[0]
        if path and path[-1] == index:
            path.append(BLANK)
        path += [index] * length + [BLANK] * blanks
        text += char
    spoken = best_path(frames_of(path))
    assert decode([s.index for s in spoken]) == text
    for s in spoken:
        assert path[s.start : s.end] == [s.index] * (s.end - s.start)


def test_spans_ascend_and_candidates_are_sorted_probabilities() -> None:
    rng = np.random.default_rng(3)
    spoken = best_path(log_softmax(rng.normal(0, 3, (60, _CLASSES)).astype(np.float32)))
    assert spoken
    assert all(a.end <= b.start for a, b in itertools.pairwise(spoken))
    for s in spoken:
        values = [p for _, p in s.candidates]
        assert values == sorted(values, reverse=True)
        assert s.candidates[0][0] == s.index
        assert 0 < sum(values) <= 1 + 1e-5


def test_no_frames_spell_nothing() -> None:
    assert best_path(np.zeros((0, _CLASSES), np.float32)) == ()


def test_a_higher_temperature_is_less_sure() -> None:
    logits = np.array([[0.0, 4.0, 1.0]], np.float32)
    sharp, soft = np.exp(log_softmax(logits)), np.exp(log_softmax(logits, 2.0))
    assert soft[0, 1] < sharp[0, 1]
    assert np.isclose(soft.sum(), 1.0)
