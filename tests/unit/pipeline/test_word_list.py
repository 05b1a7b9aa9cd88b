"""A word list settles doubtful letters only, and every change is named."""

from __future__ import annotations

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
    assert settled.chars[6].alternatives[0] == ("n", 0.6)
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
