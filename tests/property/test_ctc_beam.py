"""The beam finds the likeliest text of a tiny network, and what it rewrites stays whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.ctc.beam import read_likeliest
from pipeline.ctc.doubt import doubt_page
from pipeline.ctc.path import Logits, best_path
from pipeline.ctc.rewriting import best_alignment
from pipeline.ctc.texts import likeliest_text, likely_texts, text_weight
from pipeline.vocabulary import BLANK
from tests.property.test_confidence_sums import all_texts, long_line, spelled, tiny_logits


@settings(max_examples=100, deadline=None)
@given(tiny_logits())
def test_the_likeliest_text_is_found(logits: Logits) -> None:
    texts = all_texts(logits)
    found = next(iter(likely_texts(logits, beam=200, least=0.0)))
    assert texts[found] == pytest.approx(max(texts.values()), rel=1e-5)


def every_text_made(logits: Logits, beam: int) -> dict[tuple[int, ...], float]:
    """The beam search that makes all longer texts before it forgets most of them."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for row in np.exp(logits.astype(np.float64)).tolist():
        grown: dict[tuple[int, ...], list[float]] = {}
        for text, (blank, char) in beams.items():
            grown.setdefault(text, [0.0, 0.0])[0] += (blank + char) * row[BLANK]
            for c, weight in enumerate(row[1:], 1):
                is_same = text[-1:] == (c,)
                grown.setdefault((*text, c), [0.0, 0.0])[1] += weight * (
                    blank if is_same else blank + char
                )
                if is_same:
                    grown[text][1] += weight * char
        kept = sorted(grown, key=lambda text: -sum(grown[text]))[:beam]
        most = sum(grown[kept[0]])
        beams = {text: (grown[text][0] / most, grown[text][1] / most) for text in kept}
    return {text: sum(weights) for text, weights in beams.items()}


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(2, 14), st.sampled_from([1, 2, 6, 16])
)
def test_texts_that_are_not_made_would_have_been_forgotten(
    seed: int, frames: int, classes: int, beam: int
) -> None:
    values = np.random.default_rng(seed).normal(scale=1.5, size=(frames, classes))
    logits = values.astype(np.float32)
    found = likely_texts(logits, beam=beam, least=0.0)
    assert found == pytest.approx(every_text_made(logits, beam))
    assert list(found.values()) == sorted(found.values(), reverse=True)


@settings(max_examples=100, deadline=None)
@given(tiny_logits())
def test_a_text_is_aligned_with_frames_that_spell_it(logits: Logits) -> None:
    text = likeliest_text(logits)
    starts, ends = best_alignment(logits, np.array(text, np.int64))
    frames = np.zeros(len(logits), np.int64)
    for label, start, end in zip(text, starts, ends, strict=True):
        assert start < end
        frames[start:end] = label
    assert spelled(frames.tolist()) == text


@settings(max_examples=100, deadline=None)
@given(tiny_logits())
def test_the_weight_of_a_text_is_that_of_all_its_paths(logits: Logits) -> None:
    texts = all_texts(logits)
    whole = sum(texts.values())
    weights = {text: text_weight(logits, text) for text in texts}
    for text, probability in texts.items():
        assert weights[text] / sum(weights.values()) == pytest.approx(probability / whole, abs=1e-6)


@settings(max_examples=60, deadline=None)
@example(page=[np.array([[0, 0, 0], [0, 0, -1], [-1, 0, 0], [2, 0, 0]], np.float32)])
@given(st.lists(tiny_logits(), min_size=1, max_size=6))
def test_a_page_is_read_no_less_likely_than_by_its_best_path(page: list[Logits]) -> None:
    classes = max(frames.shape[1] for frames in page)
    page = [np.pad(f, ((0, 0), (0, classes - f.shape[1])), constant_values=-np.inf) for f in page]
    path, doubt = read_likeliest(best_path(page), alternatives=2)
    greedy = best_path(page)
    assert len(doubt.odds) == len(path.labels) == len(doubt.others)
    assert len(doubt.gap_odds) == len(path.labels) + len(page)
    for k, frames in enumerate(page):
        texts = all_texts(frames)
        new, old = (tuple(p.labels[p.chars[k] : p.chars[k + 1]].tolist()) for p in (path, greedy))
        assert texts[new] >= texts[old] * (1 - 1e-5)


def test_a_rewritten_line_has_the_odds_of_what_it_reads_now() -> None:
    """Twice "perhaps an a" is likelier an a than nothing."""
    sure = [0.998, 0.001, 0.001]
    p = np.array([sure, sure, [0.6, 0.4, 0.0], [0.6, 0.4, 0.0], sure, sure]) + 1e-9
    path, doubt = read_likeliest(best_path([np.log(p).astype(np.float32)]))
    assert path.labels.tolist() == [1]
    assert (path.starts[0], path.ends[0]) in {(2, 3), (3, 4), (2, 4)}
    assert doubt.odds[0] == pytest.approx(0.36 / 0.64, rel=0.02)


@pytest.mark.parametrize(("most_frames", "rewritten"), [(0, 0), (6, 1), (12, 2)])
def test_a_page_of_doubts_is_searched_for_as_long_as_it_bears(
    most_frames: int, rewritten: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines of "perhaps an a"; the window of each is of some frames."""
    sure = [0.998, 0.001, 0.001]
    p = np.array([sure, sure, [0.6, 0.4, 0.0], [0.6, 0.4, 0.0], sure, sure]) + 1e-9
    monkeypatch.setattr("pipeline.ctc.beam._MOST_FRAMES", most_frames)
    path, _ = read_likeliest(best_path([np.log(p).astype(np.float32)] * 2))
    assert path.labels.tolist() == [1] * rewritten


@pytest.mark.parametrize("seed", range(6))
def test_lines_that_are_rewritten_get_the_odds_of_their_new_text(seed: int) -> None:
    lines = [long_line(10 * seed + k, sharp=9.0) for k in range(3)]
    path, doubt = read_likeliest(best_path(lines), alternatives=2)
    again = doubt_page(path, alternatives=2)
    assert doubt.odds == pytest.approx(again.odds, rel=1e-5)
    assert doubt.gap_odds == pytest.approx(again.gap_odds, rel=1e-5)
    for k in range(len(path)):
        chars = slice(path.chars[k], path.chars[k + 1])
        assert (path.starts[chars] >= path.lines[k]).all()
        assert (path.ends[chars] <= path.lines[k + 1]).all()
        assert (path.ends[chars][:-1] <= path.starts[chars][1:]).all()
