from __future__ import annotations

import pytest

from training.text_score import normalise, score_texts


def test_pages_without_a_text_count_as_empty_and_texts_without_a_truth_not_at_all() -> None:
    score = score_texts({"a": "four", "b": "more"}, {"a": "four", "c": "other"})
    assert score.missing == ("b",)
    assert score.cer == pytest.approx(0.5)
    assert [page.edits for page in score.pages] == [0, 4]
    assert score.cer_low is not None
    assert score.cer_high is not None
    assert score.cer_low <= score.cer <= score.cer_high


def test_words_are_counted_as_words() -> None:
    score = score_texts({"a": "one two three four"}, {"a": "one too three"})
    assert score.wer == pytest.approx(0.5)


def test_words_in_another_order_are_found() -> None:
    score = score_texts({"a": "total 4.20 cash"}, {"a": "4.20 cash cash total"})
    assert score.bag_f1 == pytest.approx(2 * 3 / 7)
    assert score_texts({}, {}).bag_f1 == 0


def test_case_matters_unless_told_otherwise() -> None:
    assert score_texts({"a": "Word"}, {"a": "wOrd"}).cer == pytest.approx(0.5)
    assert score_texts({"a": "Word"}, {"a": "wOrd"}, ignore_case=True).cer == 0


def test_typography_does_not_count_as_error() -> None:
    assert normalise("“it’s”\f\n—") == normalise('"it\'s" -')


def test_no_pages_have_no_errors() -> None:
    assert score_texts({}, {}).cer == 0


def test_every_figure_of_a_small_text_is_what_counting_by_hand_gives() -> None:
    # 3 x for e; "caption" to "and" is 4 left out and 2 replaced.
    score = score_texts({"a": "we see the tree caption"}, {"a": "we sxx thx tree and"})
    assert (score.characters, score.documents) == (23, 1)
    assert (score.substitutions, score.deletions, score.insertions) == (5, 4, 0)
    assert score.cer == pytest.approx(9 / 23)
    assert score.wer == pytest.approx(3 / 5)
    assert score.bag_f1 == pytest.approx(2 * 2 / 10)
    assert (score.cer_low, score.cer_high) == (None, None)


def test_long_runs_are_no_short_errors_and_letter_case_is_folded_there() -> None:
    score = score_texts({"a": "A LITTLE word of it"}, {"a": "a little ward"})
    assert score.short_cer == pytest.approx(1 / 19)
    assert score.cer == pytest.approx((1 + 6 + 1 + 6) / 19)


def test_spaces_alone_are_no_error_without_spaces() -> None:
    score = score_texts({"a": "one two"}, {"a": "on e two"})
    assert score.dense_cer == 0
    assert score.cer == pytest.approx(1 / 7)


def test_pages_of_one_document_are_drawn_together() -> None:
    truth = {"1": "aaaa", "2": "bbbb", "3": "cccc"}
    read = {"1": "aaaa", "2": "bbbb", "3": "xxxx"}
    together = score_texts(truth, read, groups={"1": "x", "2": "x", "3": "x"})
    assert (together.cer_low, together.wer_high, together.bag_f1_low) == (None, None, None)
    apart = score_texts(truth, read)
    assert apart.cer_low is not None
    assert apart.cer_high is not None
    assert apart.cer_low < apart.cer < apart.cer_high
