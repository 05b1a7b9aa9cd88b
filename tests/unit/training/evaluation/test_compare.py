from __future__ import annotations

import pytest

from training.evaluation.compare import compare
from training.text_score import score_texts

TRUTH = {str(k): "twenty letters of it" for k in range(20)}


def test_a_reading_that_is_better_on_every_page_is_certainly_better() -> None:
    one_wrong = score_texts(TRUTH, dict.fromkeys(TRUTH, "twenty letters of lt")).pages
    two_wrong = score_texts(TRUTH, dict.fromkeys(TRUTH, "twemty letters of lt")).pages
    found = {d.rate: d for d in compare(one_wrong, two_wrong)}
    assert found["cer"].difference == pytest.approx(-1 / 20)
    assert found["cer"].low == pytest.approx(found["cer"].high)
    assert found["cer"].is_certain


def test_equal_readings_differ_by_nothing() -> None:
    pages = score_texts(TRUTH, TRUTH).pages
    assert not any(d.is_certain or d.difference for d in compare(pages, pages))


def test_one_lucky_page_is_not_certain() -> None:
    read = TRUTH | {"3": "twenty"}
    found = {
        d.rate: d for d in compare(score_texts(TRUTH, TRUTH).pages, score_texts(TRUTH, read).pages)
    }
    assert found["cer"].difference < 0
    assert not found["cer"].is_certain


def test_one_document_makes_nothing_certain() -> None:
    lines = {"1": "twenty letters of it", "2": "and twenty more of it"}
    right, wrong = (
        score_texts(lines, read, groups={"1": "page", "2": "page"}).pages
        for read in (lines, dict.fromkeys(lines, "nothing"))
    )
    for found in compare(right, wrong):
        assert found.difference != 0
        assert (found.low, found.high) == (None, None)
        assert not found.is_certain


def test_pages_must_be_the_same() -> None:
    with pytest.raises(ValueError, match="same pages"):
        compare(score_texts(TRUTH, TRUTH).pages, ())
