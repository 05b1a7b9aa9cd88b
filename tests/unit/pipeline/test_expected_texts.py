"""What a language changes where the network wavers, and what it never touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ctc.expected import of_line, read_page
from pipeline.ctc.page_text import PageText
from pipeline.ctc.path import Logits, best_path
from pipeline.language.model import LanguageModel
from pipeline.vocabulary import BLANK, CHARACTERS, decode, encode
from tests.unit.pipeline.language.counted import counted

LANGUAGE = counted("the other", "then the rest", "there they are", "over the hill", "modern times")
Frame = dict[str, float]


def frames(*spoken: str | Frame) -> Logits:
    """Logits of a line: each entry one sure frame of a character ("" the blank), or shares."""
    logits = np.full((len(spoken), len(CHARACTERS) + 1), np.log(1e-7), np.float32)
    for row, entry in zip(logits, spoken, strict=True):
        shares = {entry: 0.99999} if isinstance(entry, str) else entry
        for char, share in shares.items():
            row[encode(char)[0] if char else BLANK] = np.log(share)
    return logits


def spelled(text: str, **unsure: Frame) -> Logits:
    """A line in which every character has a frame and a blank; `at_3` replaces that of one."""
    entries: list[str | Frame] = []
    for k, char in enumerate(text):
        entries += [unsure.get(f"at_{k}", char), ""]
    return frames(*entries)


def read(line: Logits, language: LanguageModel | None) -> tuple[str, list[tuple[int, str]]]:
    path, doubt, changes = read_page(best_path([line]), language, 3)
    assert len(doubt.odds) == len(path.labels)
    return decode(path.labels.tolist()), changes


def test_a_doubtful_letter_becomes_the_one_that_is_expected() -> None:
    line = spelled("over tbe hill", at_6={"b": 0.55, "h": 0.45})
    assert read(line, None) == ("over tbe hill", [])
    assert read(line, LANGUAGE) == ("over the hill", [(6, "b")])


def test_a_sure_letter_stays_whatever_is_expected() -> None:
    line = spelled("over tbe hill", at_6={"b": 0.98, "h": 0.02})
    assert read(line, LANGUAGE) == ("over tbe hill", [])


def test_no_language_foretells_an_address() -> None:
    shares = {"b": 0.55, "h": 0.45}
    plain, mail = spelled("t tbe hill", at_3=shares), spelled("t@tbe.hill", at_3=shares)
    assert read(plain, LANGUAGE)[0] == "t the hill"
    assert read(mail, LANGUAGE) == ("t@tbe.hill", [])
    alone, weighed = (read_page(best_path([mail]), known, 3)[1] for known in (None, LANGUAGE))
    assert np.array_equal(alone.odds, weighed.odds)


def test_no_space_is_put_into_an_address() -> None:
    # A blank that may be a space, behind the full stop that ends a sentence elsewhere.
    torn: list[str | Frame] = ["o", "", "d", "", ".", {"": 0.6, " ": 0.4}, "t", "", "h", "", "e"]
    spaced = counted("god. the end", "hod. then", "od. the")
    assert read(frames(*torn), spaced)[0] == "od. the"
    assert read(frames("o", "", "@", "", *torn), spaced)[0] == "o@od.the"


def test_two_letters_may_be_one_and_the_place_is_named() -> None:
    torn: list[str | Frame] = ["o", "", "d", "", "e", "", "r", "", "n"]
    one = frames({"r": 0.7, "m": 0.3}, {"": 0.6, "m": 0.4}, {"n": 0.7, "m": 0.3}, "", *torn)
    assert read(one, None) == ("rnodern", [])
    assert read(one, LANGUAGE) == ("modern", [(0, "rn")])


def test_a_missing_letter_is_put_in_and_named() -> None:
    line = spelled("te other")
    line = np.insert(line, 2, frames({"": 0.6, "h": 0.4})[0], axis=0)
    assert read(line, None) == ("te other", [])
    assert read(line, LANGUAGE) == ("the other", [(1, "")])


def test_a_letter_too_many_goes_and_the_one_before_it_names_it() -> None:
    line = spelled("thqe other", at_2={"q": 0.55, "": 0.45})
    assert read(line, None) == ("thqe other", [])
    assert read(line, LANGUAGE) == ("the other", [(1, "hq")])


def test_what_speaks_against_a_character_is_weighed() -> None:
    line = spelled("over the hill", at_6={"h": 0.6, "b": 0.4})
    _, alone, _ = read_page(best_path([line]), None, 3)
    _, weighed, _ = read_page(best_path([line]), LANGUAGE, 3)
    assert weighed.odds[6] < 0.5 * alone.odds[6]
    unlikely = spelled("over tbe hill", at_6={"b": 0.8, "h": 0.2})
    path, doubt, _ = read_page(best_path([unlikely]), LANGUAGE, 3)
    assert CHARACTERS[int(doubt.others[6, 0]) - 1] in "bh"
    assert len(path.labels) == len("over the hill")


def test_sure_lines_beside_doubtful_ones_stay_as_they_are() -> None:
    lines = [spelled("rest"), spelled("tbe", at_1={"b": 0.5, "h": 0.5}), spelled("qqq")]
    path, _, changes = read_page(best_path(lines), LANGUAGE, 3)
    texts = [
        decode(path.labels[a:b].tolist()) for a, b in zip(path.chars, path.chars[1:], strict=False)
    ]
    assert texts == ["rest", "the", "qqq"]
    kept = np.arange(path.chars[1], path.chars[2])
    assert [of_line(changes, path_line) for path_line in (np.arange(4), kept)] == [
        (),
        ((1, "b"),) if changes else (),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("theorabq ", min_size=1, max_size=12), min_size=1, max_size=3), st.data())
def test_only_windows_of_doubt_change(texts: list[str], data: st.DataObject) -> None:
    lines = []
    for text in texts:
        unsure = {}
        for k in data.draw(st.sets(st.integers(0, len(text) - 1), max_size=3)):
            other = data.draw(st.sampled_from("theorabq"))
            if other != text[k]:
                unsure[f"at_{k}"] = {text[k]: 0.6, other: 0.4}
        lines.append(spelled(text, **unsure))
    path, doubt, changes = read_page(best_path(lines), LANGUAGE, 3)
    assert np.isfinite(doubt.odds).all()
    assert (doubt.odds >= 0).all()
    assert doubt.other_odds.sum(axis=1) == pytest.approx(
        np.minimum(doubt.other_odds.sum(axis=1), doubt.odds + 1e-6)
    )
    changed = {k for k, _ in changes}
    alone, _, _ = read_page(best_path(lines), None, 3)
    if len(alone.labels) == len(path.labels):
        differing = np.flatnonzero(alone.labels != path.labels).tolist()
        assert set(differing) <= changed | {k + 1 for k in changed} | {k - 1 for k in changed}


def test_a_figure_in_a_box_is_read_with_those_beside_it() -> None:
    language = counted(*["1 7 0 4 1", "4 0 0 7 1", "so o no"] * 9)
    lines = [spelled("7"), spelled("O", at_0={"O": 0.52, "0": 0.47}), spelled("4")]
    alone = best_path(lines)
    boxed = replace(alone, continues=np.array([False, True, True]))
    texts = []
    for path in (alone, boxed):
        found, _, _ = read_page(path, language, 3)
        texts.append(decode(found.labels.tolist()))
    assert texts == ["7O4", "704"]


def test_what_stands_around_a_place_ends_at_the_edge_of_its_line() -> None:
    path = best_path([spelled("abcdefgh"), spelled("1"), spelled("2"), spelled("xy")])
    page = PageText(replace(path, continues=np.array([False, False, True, False])))
    assert page.before(0, 7) == "cdefg"
    assert page.before(0, 2) == "\nab"
    assert page.behind(0, 2) == "cdefg"
    assert page.behind(0, 6) == "gh\n"
    assert page.before(1, 8) == "\n"
    assert page.before(2, 9) == "\n1 "
    assert page.behind(1, 9) == " 2\n"
    assert page.behind(3, 12) == "\n"


@pytest.mark.parametrize("char", [".", "-", "I", "•", "("])
def test_no_line_is_left_without_a_character(char: str) -> None:
    language = counted("next line", "next")
    path = best_path([spelled(char, at_0={char: 0.6, "": 0.4}), spelled("next")])
    better, _, changes = read_page(path, language, 3)
    assert decode(better.labels.tolist()) == f"{char}next"
    assert changes == []
