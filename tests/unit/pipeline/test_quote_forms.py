"""Straight and curly quotes are one mark; whatever else one may be still speaks against it."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.expected import read_page
from pipeline.ctc.path import best_path
from pipeline.ctc.quote_forms import forms_as_one
from pipeline.vocabulary import encode
from tests.unit.pipeline.test_expected_texts import spelled


def doubt_of(line: str, k: int, **shares: dict[str, float]) -> tuple[PageDoubt, float]:
    """The doubt of a line, forms of quotes as one, and the odds against its character k."""
    path, doubt, _ = read_page(best_path([spelled(line, **shares)]), None, 0)
    found = forms_as_one(path.labels, doubt)
    return found, float(found.odds[k])


@pytest.mark.parametrize(("char", "form"), [('"', "“"), ("”", '"'), ("’", "'"), ("'", "‘")])
def test_another_form_of_a_quote_does_not_speak_against_it(char: str, form: str) -> None:
    _, odds = doubt_of(f"so{char} he", 2, at_2={char: 0.6, form: 0.399})
    assert odds < 0.005


def test_what_is_no_quote_counts_against_all_forms_of_one() -> None:
    doubt, odds = doubt_of("so” he", 2, at_2={"”": 0.5, '"': 0.3, "*": 0.2})
    assert odds == pytest.approx(0.25, rel=0.02)  # 0.2 against 0.5 and 0.3
    named = dict(zip(doubt.others[2].tolist(), doubt.other_odds[2].tolist(), strict=True))
    assert encode('"')[0] not in named
    assert named[encode("*")[0]] == pytest.approx(0.25, rel=0.02)


def test_the_side_that_a_quote_opens_to_is_no_form() -> None:
    _, odds = doubt_of("so” he", 2, at_2={"”": 0.6, "“": 0.4})
    assert odds == pytest.approx(0.4 / 0.6, rel=0.02)


def test_other_characters_keep_their_doubt() -> None:
    path, doubt, _ = read_page(best_path([spelled("cat’s", at_1={"a": 0.7, "o": 0.3})]), None, 0)
    found = forms_as_one(path.labels, doubt)
    assert np.array_equal(found.odds[:3], doubt.odds[:3])
    assert found.odds[1] == pytest.approx(0.3 / 0.7, rel=0.02)
