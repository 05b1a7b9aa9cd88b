"""What a language says of numbers: it may find their points and commas, and takes none away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.figures import without_separators
from pipeline.language.model import EDGE
from tests.unit.pipeline.language.counted import counted

LANGUAGE = counted("in the year 393 of 393 men 393", "at 2.50 and 2.50")
DIGITS = st.text("0123456789", min_size=1, max_size=4)


def weight(text: str) -> float:
    return float(LANGUAGE.log_weight([EDGE + text + EDGE], [1])[0])


def test_a_point_is_not_taken_out_of_a_number() -> None:
    assert weight("39.3") > weight("393") - 1e-9


def test_a_point_may_be_found_where_numbers_usually_have_one() -> None:
    assert weight("at 2.50") > weight("at 250")


@given(DIGITS, st.sampled_from(".,"), DIGITS, st.sampled_from(["", "a ", "men, "]))
def test_numbers_are_never_less_likely_for_it(left: str, sign: str, right: str, word: str) -> None:
    assert weight(word + left + sign + right) > weight(word + left + right) - 1e-9


@given(st.text("12.,a ", min_size=2, max_size=12), st.data())
def test_what_stands_before_is_counted_without_them(text: str, data: st.DataObject) -> None:
    skip = data.draw(st.integers(1, len(text)))
    numbers, left, before = without_separators([text], [skip])
    assert numbers == ([0] if len(left) == 1 else [])
    for rest, first in zip(left, before, strict=True):
        assert rest.replace(".", "").replace(",", "") == text.replace(".", "").replace(",", "")
        assert max(1, skip - (len(text) - len(rest))) <= first <= skip


@pytest.mark.parametrize("text", ["a.b", "1. 2", ".5", "5,", "1.a"])
def test_points_beside_other_characters_stay(text: str) -> None:
    assert without_separators([text], [1]) == ([], [], [])
