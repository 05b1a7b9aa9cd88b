"""N-grams give probabilities: they add up, back off, and do not depend on the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.language.model import (
    EDGE,
    Alphabet,
    letter_classes,
    load_language,
    save_language,
)
from pipeline.language.ngrams import NGrams
from pipeline.vocabulary import CHARACTERS
from tests.unit.pipeline.language.counted import ALL_KEPT, counted
from training.language.count import fit_ngrams

LETTERS = "abc"
ALPHABET = Alphabet.of([EDGE, *LETTERS])
TEXTS = st.text(LETTERS + EDGE, min_size=1, max_size=60)


def grams_of(text: str) -> NGrams:
    return fit_ngrams([(ALPHABET.encode(EDGE + text + EDGE), 1.0)], ALL_KEPT)


def log_p(grams: NGrams, text: str, skip: int) -> float:
    codes = ALPHABET.encode(text)
    return float(grams.log_probability(codes, np.array([len(codes)]), np.array([skip]))[0])


@given(TEXTS, st.text(LETTERS + EDGE, max_size=7))
@example("\n", "")
def test_what_may_follow_adds_up_to_one(text: str, context: str) -> None:
    grams = grams_of(text)
    known = set(EDGE + text)
    before = EDGE + context
    total = sum(np.exp(log_p(grams, before + char, len(before))) for char in known)
    assert total == pytest.approx(1.0, abs=0.12)  # logarithms are stored in twelfths


@given(TEXTS, st.lists(st.text(LETTERS + EDGE + "?", min_size=2, max_size=9), min_size=1))
def test_texts_of_a_batch_do_not_meet(text: str, batch: list[str]) -> None:
    grams = grams_of(text)
    codes = np.concatenate([ALPHABET.encode(t) for t in batch])
    lengths = np.array([len(t) for t in batch])
    together = grams.log_probability(codes, lengths, np.ones(len(batch), np.int64))
    assert together == pytest.approx([log_p(grams, t, 1) for t in batch])


def test_what_was_seen_is_expected() -> None:
    grams = grams_of("abcabcabcabc")
    assert log_p(grams, "abc", 2) > np.log(0.6)
    assert log_p(grams, "aba", 2) < np.log(0.2)
    assert log_p(grams, "ab?", 2) < np.log(0.01)  # not in the alphabet


def test_words_are_known_in_any_case() -> None:
    language = counted("the house", "a dog")
    same, other, mixed = language.log_weight(["\ncHOUSE", "\ncHQUSE", "\ncHouse"], [2, 2, 2])
    assert same > other
    assert same == pytest.approx(mixed)


def test_forms_of_a_quote_are_one_sign() -> None:
    language = counted('he said "no" and "yes"')
    curly, plain = language.log_weight(["\nhe said “no”", '\nhe said "no"'], [1, 1])
    assert curly == pytest.approx(plain)


def test_a_long_s_is_an_s() -> None:
    language = counted("the same house", "a fig")
    old, new, wrong = language.log_weight(["\nſame", "\nsame", "\nfame"], [1, 1, 1])
    assert old == new > wrong


def test_a_sign_that_no_text_had_costs_little() -> None:
    language = counted("the old house", "the old dog")
    texts = ["\nthe old house", "\nthe old—house", "\nthe oldßhouse"]
    plain, dash, letter = language.log_weight(texts, [1, 1, 1])
    # Half of each logarithm counts; what stands next to what is new is new itself.
    assert plain - dash < 0.5 * (5 + 9 + 9) < 0.5 * (9 + 9 + 9)
    assert letter < dash < plain


def test_nothing_is_asked_and_nothing_said() -> None:
    assert len(counted("a").log_weight([], [])) == 0


def test_what_is_stored_is_what_was_counted(tmp_path: Path) -> None:
    language = counted("some words", "and SOME MORE")
    save_language(tmp_path / "l.npz", CHARACTERS, language.grams)
    again = load_language(tmp_path / "l.npz", weight=0.5, character_bonus=1.0)
    texts = ["\nsome words", "\nSOM", "\n2 ß"]
    assert again.log_weight(texts, [1, 1, 1]) == pytest.approx(
        language.log_weight(texts, [1, 1, 1])
    )


def test_each_character_of_the_vocabulary_has_one_code() -> None:
    classes = letter_classes(CHARACTERS)
    assert sorted("".join(classes[1:])) == sorted(CHARACTERS)
    assert len(classes) < 256
