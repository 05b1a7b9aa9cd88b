"""A word list settles doubtful letters only, and every change is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrq.errors import UsageError
from ocrq.types import Box, CharResult
from pipeline.engines.engine import LineReading
from pipeline.word_list import (
    DOUBTFUL_BELOW,
    MOST_CONFIDENCE,
    WordList,
    load_word_list,
    settle_by_words,
    settle_page,
)

WORDS = WordList(words=frozenset({"house", "mouse", "horse", "letter"}))


def reading(
    text: str, doubts: dict[int, tuple[float, tuple[tuple[str, float], ...]]]
) -> LineReading:
    chars = []
    for k, char in enumerate(text):
        confidence, alternatives = doubts.get(k, (1.0, ()))
        box = Box(x0_px=10 * k, y0_px=0, x1_px=10 * k + 9, y1_px=20)
        chars.append(
            CharResult(char=char, confidence=confidence, box=box, alternatives=alternatives)
        )
    return LineReading(chars=tuple(chars))


def test_a_doubtful_letter_is_settled_and_named() -> None:
    seen = reading("the honse,", {6: (0.6, (("u", 0.35), ("r", 0.02)))})
    settled = settle_by_words(seen, WORDS)
    assert settled.text == "the house,"
    assert settled.changed == ((6, "n"),)
    found = settled.chars[6]
    char, share = found.alternatives[0]
    assert char == "n"
    assert share == pytest.approx(0.079, abs=0.001)
    assert found.confidence + sum(share for _, share in found.alternatives) <= 1.0
    assert 0.5 < settled.chars[6].confidence <= MOST_CONFIDENCE
    assert settled.chars[6].box == seen.chars[6].box


def test_a_page_in_another_language_is_left_alone() -> None:
    """ "donc" is near to "done"."""
    french = (
        "Ce moyen de culture entretient et perpétue la fécondité du sol, mais les engrais"
        " chimiques sont rarement employés par les jardiniers qui cultivent leurs carottes,"
        " leurs salsifis et leurs autres légumes en pleine terre"
    )
    english = "They said that a single man of good fortune must want a wife of some kind"
    doubtful = reading("donc", {3: (0.6, (("e", 0.35),))})
    words = load_word_list("english")
    assert settle_page([reading(french, {}), doubtful], words)[1] is doubtful
    assert settle_page([reading(english, {}), doubtful], words)[1].text == "done"
    assert settle_page([doubtful], words)[0].text == "done"  # a few words say little
    assert settle_page([], words) == []
    assert settle_page([doubtful], load_word_list("none")) == [doubtful]


def test_two_letters_may_be_doubtful() -> None:
    seen = reading("Lettcn", {4: (0.5, (("e", 0.4),)), 5: (0.6, (("r", 0.3),))})
    assert settle_by_words(seen, WORDS).text == "Letter"


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("honse", {2: (0.95, (("u", 0.04),))}),  # confident
        ("honse", {2: (0.7, (("x", 0.2),))}),  # makes no word
        ("house", {0: (0.5, (("m", 0.45),))}),  # is a word already
        ("xouse", {0: (0.4, (("h", 0.25), ("m", 0.2)))}),  # two words come near
        ("honse", {2: (0.79, (("u", 0.011),))}),  # far less probable than what was seen
        ("hon5e", {2: (0.5, (("u", 0.4),))}),  # not a word of letters
        ("me@honse.com", {5: (0.5, (("u", 0.4),))}),  # an address
    ],
)
def test_what_is_left_as_it_was_read(
    text: str, doubts: dict[int, tuple[float, tuple[tuple[str, float], ...]]]
) -> None:
    seen = reading(text, doubts)
    assert settle_by_words(seen, WORDS) is seen


@given(
    st.text(alphabet="housemrtl, 5", min_size=1, max_size=12),
    st.lists(
        st.tuples(st.integers(0, 11), st.floats(0.0, 1.0), st.sampled_from("housemr")), max_size=5
    ),
)
def test_confident_letters_never_change(text: str, doubts: list[tuple[int, float, str]]) -> None:
    seen = reading(text, {k: (p, ((char, (1 - p) / 2),)) for k, p, char in doubts})
    settled = settle_by_words(seen, WORDS)
    assert len(settled.chars) == len(seen.chars)
    for k, (before, after) in enumerate(zip(seen.chars, settled.chars, strict=True)):
        if after != before:
            assert before.confidence < DOUBTFUL_BELOW
            assert after.confidence <= MOST_CONFIDENCE
            assert (k, before.char) in settled.changed


def test_a_list_is_a_word_a_line(tmp_path: Path) -> None:
    path = tmp_path / "words"
    path.write_text("Haus\nmouse\n", "utf-8")
    assert "HAUS" in load_word_list(str(path))
    assert "mouſe" in load_word_list(str(path)), "old print"
    with pytest.raises(UsageError, match="cannot be read"):
        load_word_list(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("text", "at", "goes_on"),
    [("the honse-", 6, False), ("honse of", 2, True), ("4honse7", 3, False), ("7honse", 3, False)],
)
def test_parts_of_words_and_of_codes_are_left_alone(text: str, at: int, goes_on: bool) -> None:
    seen = reading(text, {at: (0.6, (("u", 0.35), ("r", 0.02)))})
    assert settle_by_words(seen, WORDS, goes_on=goes_on) is seen


def test_the_rest_of_a_divided_word_is_left_alone() -> None:
    first, second = reading("a green-", {}), reading("honse", {2: (0.6, (("u", 0.35),))})
    assert settle_page([first, second], WORDS)[1].text == "honse"
    assert settle_page([reading("a green", {}), second], WORDS)[1].text == "house"


def test_a_change_that_is_undone_is_not_named() -> None:
    seen = replace(reading("the honse", {6: (0.6, (("u", 0.35),))}), changed=((6, "u"),))
    settled = settle_by_words(seen, WORDS)
    assert settled.text == "the house"
    assert settled.changed == ()


def test_noise_of_many_letters_is_left_alone() -> None:
    noise = "honse" * 60
    seen = reading(noise, dict.fromkeys(range(len(noise)), (0.5, (("u", 0.3), ("x", 0.1)))))
    assert settle_by_words(seen, WORDS) is seen
