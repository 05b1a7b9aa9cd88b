from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.text_score import edit_distance, normalise, score_texts


@given(st.text("ab c", max_size=12), st.text("ab c", max_size=12))
def test_the_distance_is_that_of_the_plain_recursion(a: str, b: str) -> None:
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(rows[-1][j - 1] + (x != y), rows[-1][j] + 1, row[j - 1] + 1))
        rows.append(row)
    assert edit_distance(a, b) == rows[-1][-1]


def test_pages_without_a_text_count_as_empty_and_texts_without_a_truth_not_at_all() -> None:
    score = score_texts({"a": "four", "b": "more"}, {"a": "four", "c": "other"})
    assert score.missing == ("b",)
    assert score.cer == pytest.approx(0.5)
    assert [page.edits for page in score.pages] == [0, 4]
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
