"""Decoding CTC frames gives back what they spell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ctc.path import best_path, spelled_anew
from pipeline.vocabulary import BLANK, CHARACTERS, decode, encode

_CLASSES = len(CHARACTERS) + 1
_RUNS = st.lists(
    st.tuples(st.sampled_from(CHARACTERS), st.integers(1, 4), st.integers(0, 3)), max_size=20
)


def logits_of(path: list[int], sure: float = 9.0) -> npt.NDArray[np.float32]:
    logits = np.zeros((len(path), _CLASSES), np.float32)
    logits[np.arange(len(path)), path] = sure
    return logits


def spelled(runs: list[tuple[str, int, int]]) -> tuple[list[int], str]:
    path: list[int] = []
    text = ""
    for char, length, blanks in runs:
        index = encode(char)[0]
        if path and path[-1] == index:
            path.append(BLANK)
        path += [index] * length + [BLANK] * blanks
        text += char
    return path, text


@given(st.lists(_RUNS, max_size=4))
def test_spelled_paths_are_read_back_line_by_line(page: list[list[tuple[str, int, int]]]) -> None:
    lines = [spelled(runs) for runs in page]
    path = best_path([logits_of(frames) for frames, _ in lines])
    everything = [index for frames, _ in lines for index in frames]
    for k, (_, text) in enumerate(lines):
        assert decode(path.labels[path.chars[k] : path.chars[k + 1]].tolist()) == text
    for label, start, end in zip(path.labels, path.starts, path.ends, strict=True):
        assert everything[start:end] == [label] * (end - start)


def test_odds_are_those_of_the_softmax() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 3, (60, _CLASSES)).astype(np.float32)
    path = best_path([logits])
    p = np.exp(logits.astype(np.float64))
    p /= p.sum(axis=1, keepdims=True)
    best = p.max(axis=1)
    np.testing.assert_allclose(path.odds, (1 - best) / best, rtol=1e-3)
    assert (path.stray_odds <= path.odds).all()
    assert (path.starts < path.ends).all()
    assert (path.ends[:-1] <= path.starts[1:]).all()


def test_wavering_between_a_character_and_the_blank_is_no_stray_doubt() -> None:
    logits = logits_of([BLANK, 5, BLANK, BLANK, 7, BLANK], sure=20.0)
    logits[2, 5] = 19.0  # not sure where the character ends
    logits[3, 9] = 19.0  # perhaps another one
    path = best_path([logits])
    assert path.odds[2] > 0.3
    assert path.stray_odds[2] < 1e-5
    assert path.stray_odds[3] > 0.3


def test_no_frames_spell_nothing() -> None:
    assert len(best_path([]).labels) == 0
    assert len(best_path([np.zeros((0, _CLASSES), np.float32)]).labels) == 0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 99), st.data())
def test_a_path_of_changed_frames_is_that_of_the_new_ones(
    lengths: list[int], seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    lines = [rng.normal(0, 4, (length, _CLASSES)).astype(np.float32) for length in lengths]
    changeable = [k for k, length in enumerate(lengths) if length]
    changed = sorted(data.draw(st.sets(st.sampled_from(changeable)))) if changeable else []
    path = best_path(lines)
    for k in changed:
        lines[k] = rng.normal(0, 4, lines[k].shape).astype(np.float32)
        path.logits[path.lines[k] : path.lines[k + 1]] = lines[k]
    again, whole = spelled_anew(path, changed), best_path(lines)
    for name in ("logits", "chars", "labels", "starts", "ends", "top", "odds", "is_blank"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name), err_msg=name)
    np.testing.assert_allclose(again.stray_odds, whole.stray_odds, rtol=1e-4)
