"""Doubtful letters get the case of their words; sure ones keep theirs; changes are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ctc.cased_words import CasedWords
from pipeline.ctc.doubt import PageDoubt, doubt_page
from pipeline.ctc.path import PagePath, best_path
from pipeline.ctc.word_case import settle_case
from pipeline.vocabulary import decode, encode
from tests.unit.pipeline.test_expected_texts import spelled

Found = tuple[PagePath, PageDoubt, list[tuple[int, str]]]


def settled(*lines: tuple[str, dict[str, dict[str, float]]]) -> Found:
    path = best_path([spelled(line, **shares) for line, shares in lines])
    return settle_case(path, doubt_page(path, alternatives=4))


def text_of(found: Found) -> str:
    return decode(found[0].labels.tolist())


@pytest.mark.parametrize(
    ("line", "place", "shares", "wanted"),
    [
        ("AMoNGST us", 2, {"o": 0.7, "O": 0.3}, "AMONGST us"),
        ("cOPYRIGHT", 0, {"c": 0.8, "C": 0.2}, "COPYRIGHT"),
        ("looKs", 3, {"K": 0.6, "k": 0.4}, "looks"),
        ("PERsONS OF", 3, {"s": 0.6, "S": 0.4}, "PERSONS OF"),
        ("žiVot", 2, {"V": 0.6, "v": 0.4}, "život"),
    ],
)
def test_a_doubtful_letter_amid_others_gets_their_case(
    line: str, place: int, shares: dict[str, float], wanted: str
) -> None:
    found = settled((line, {f"at_{place}": shares}))
    assert text_of(found) == wanted
    assert found[2] == [(place, line[place])]


@pytest.mark.parametrize(
    ("line", "place", "shares"),
    [
        ("McCrea", 2, {"C": 0.97, "c": 0.03}),  # the network is sure
        ("McCrea", 2, {"C": 0.6, "c": 0.4}),  # behind "Mc" a word begins anew
        ("in the US and", 8, {"S": 0.75, "s": 0.25}),  # short words are often capitals
        ("Six men", 0, {"S": 0.6, "s": 0.4}),  # both ways to write it are usual
        ("six men", 0, {"s": 0.6, "S": 0.4}),
        ("a", 0, {"a": 0.6, "A": 0.4}),
        ("B 2", 0, {"B": 0.6, "8": 0.4}),
        ("coz", 2, {"z": 0.6, "x": 0.4}),  # not its case is in doubt
        ("ſo", 0, {"ſ": 0.6, "S": 0.4}),
    ],
)
def test_other_letters_stay(line: str, place: int, shares: dict[str, float]) -> None:
    found = settled((line, {f"at_{place}": shares}))
    assert text_of(found) == line
    assert found[2] == []


def test_what_a_letter_was_speaks_against_it_afterwards() -> None:
    _, doubt, _ = settled(("AMoNGST", {"at_2": {"o": 0.7, "O": 0.3}}))
    assert doubt.others[2, 0] == encode("o")[0]
    assert 0.05 < doubt.odds[2] < 1.0  # the word speaks for it, the picture against it
    assert doubt.odds[2] == pytest.approx(doubt.other_odds[2].sum(), rel=0.02)


def test_the_rest_of_its_word_settles_how_sure_a_letter_is() -> None:
    shares = {"O": 0.9, "o": 0.08, "0": 0.02}
    path = best_path([spelled("MOAT", at_1=shares)])
    before = doubt_page(path, alternatives=4)
    _, after, changes = settle_case(path, before)
    assert changes == []
    assert before.odds[1] == pytest.approx(0.1 / 0.9, rel=0.02)
    assert after.odds[1] == pytest.approx(0.02 / 0.9, rel=0.4)  # `0` is as likely as it was
    assert np.array_equal(np.delete(before.odds, 1), np.delete(after.odds, 1))


def test_a_word_is_held_against_its_own_line() -> None:
    doubtful = {"at_1": {"o": 0.55, "O": 0.45}, "at_0": {"C": 0.55, "c": 0.45}}
    among_capitals = settled(("Co OF LONDON", doubtful))
    assert text_of(among_capitals) == "CO OF LONDON"
    assert text_of(settled(("Co of London", doubtful), ("OF LONDON", {}))).startswith("Co of")


def test_hardly_a_word_goes_to_capitals_twice() -> None:
    shares = {"at_1": {"i": 0.93, "I": 0.07}, "at_3": {"e": 0.93, "E": 0.07}}
    assert text_of(settled(("TiMeTABLE", shares))) == "TIMETABLE"
    assert text_of(settled(("TIMeTABLE", {"at_3": shares["at_3"]}))) == "TIMETABLE"
    sure = {"e": 0.99, "E": 0.01}
    assert text_of(settled(("TIMeTABLE", {"at_3": sure}))) == "TIMeTABLE"


@given(st.lists(st.text("abAB", min_size=1, max_size=6), min_size=1, max_size=4))
def test_what_speaks_for_another_case_is_that_of_the_word_with_it(texts: list[str]) -> None:
    path = best_path([spelled(" ".join(texts))])
    words = CasedWords.of(path, np.ones(len(path.labels), np.bool_))
    read = np.array([c.isupper() for c in "".join(texts)])
    gained = words.gained(read)
    now = words.expected[np.arange(len(texts)), words._seen(read).ways()]
    for k, word in enumerate(words.word.tolist()):
        other = read.copy()
        other[k] = not other[k]
        ways = words._seen(other).ways()
        assert gained[k] == pytest.approx(words.expected[word, ways[word]] - now[word])


def test_a_page_without_lines_is_none() -> None:
    path, doubt, changes = settled()
    assert len(path) == 0
    assert len(doubt.odds) == 0
    assert changes == []


@given(
    words=st.lists(st.text("aAcCoOsSé1-", min_size=1, max_size=6), min_size=1, max_size=4),
    places=st.sets(st.integers(0, 20), max_size=5),
    share=st.floats(0.51, 0.99),
)
def test_nothing_but_case_changes(words: list[str], places: set[int], share: float) -> None:
    line = " ".join(words)
    shares = {
        f"at_{k}": {line[k]: share, line[k].swapcase(): 1 - share}
        for k in places
        if k < len(line) and line[k].swapcase() != line[k]
    }
    path = best_path([spelled(line, **shares)])
    before = doubt_page(path, alternatives=4)
    after, doubt, changes = settle_case(path, before)
    was, now = decode(path.labels.tolist()), decode(after.labels.tolist())
    assert now.lower() == was.lower()
    assert [(k, c) for k, c in enumerate(was) if now[k] != c] == changes
    assert np.isfinite(doubt.odds).all()
    assert (doubt.odds >= 0).all()
    assert (np.diff(doubt.other_odds, axis=1) <= 0).all()
    sure = [k for k in range(len(was)) if before.odds[k] < 0.04]
    assert not {k for k, _ in changes} & set(sure)
