"""Languages of a page are told by its letters; letters that they do not have are held back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ctc.path import Logits, best_path
from pipeline.engines.page_letters import with_letters_of_page
from pipeline.language.letters import letter_table
from pipeline.vocabulary import CHARACTERS, INDEX, decode, encode

PAGES = {
    "French": (
        "pres à déplanter et à transplanter les végétaux; le plus",
        "simple est une petite bêche en forme de truelle avec la-",
        "quelle on enlève sans secousse la plante que l’on pose",
    ),
    "Czech": (
        "Když jsem přišel domů, bylo už pozdě večer a všude bylo ticho.",
        "Dveře byly otevřené a v kuchyni svítilo světlo, ale nikdo tam",
    ),
    "English": (
        "It is a truth universally acknowledged, that a single man in",
        "possession of a good fortune, must be in want of a wife.",
    ),
    "English of 1750": (
        "It is ſo univerſally acknowledged, that a ſingle man muſt be",
        "in poſſeſſion of ſome good fortune, and is in want of a wife.",
    ),
    "Croatian": (
        "Budući da je đak čuo što ćemo reći, išao je kući i šutio je;",
        "mlađi brat već je čekao pred kućom, gdje se žuti cvijeće",
    ),
}
OWN = {
    "French": "éàçêœ", "Czech": "ěřůžý", "English": "", "English of 1750": "ſ", "Croatian": "đćčšž",
}  # fmt: skip
FOREIGN = {
    "French": "ľďůěřő", "Czech": "ľøñêþ", "English": "ľşėőſď", "English of 1750": "ľşėőď",
    "Croatian": "",
}  # fmt: skip


def weight(lines: tuple[str, ...]) -> dict[str, float]:
    labels = np.array(encode("".join(lines)), np.int64)
    line = np.repeat(np.arange(len(lines)), [len(text) for text in lines])
    held_back = letter_table().weights(labels, line)
    return {char: float(held_back[INDEX[char]]) for char in CHARACTERS}


@pytest.mark.parametrize("language", PAGES)
def test_letters_of_a_page_stay_and_others_are_held_back(language: str) -> None:
    found = weight(PAGES[language])
    for char in OWN[language] + OWN[language].upper():
        assert found.get(char, 0.0) > -0.5, char
    for char in FOREIGN[language]:
        assert found[char] < -1.5, char


@given(st.lists(st.text(CHARACTERS, max_size=40), max_size=8))
def test_only_letters_with_marks_are_held_back_and_a_long_s_alone_is_favoured(
    lines: list[str],
) -> None:
    found = weight(tuple(lines))
    assert -6 < found.pop("ſ") <= 2
    assert all(-6 < w <= 0 for w in found.values())
    assert all(
        w == 0 for char, w in found.items() if char.isascii() or not char.isalpha() or char in "ªº"
    )


def test_old_print_expects_the_long_s() -> None:
    """A recogniser that takes two in three for f says enough of the page."""
    half_read = tuple(
        "".join("f" if c == "ſ" and k % 3 else c for k, c in enumerate(line))
        for line in PAGES["English of 1750"]
    )
    for lines in (PAGES["English of 1750"], half_read):
        assert weight(lines)["ſ"] > 1.0
    assert weight(PAGES["English"])["ſ"] < -1.5
    doubtful = said("fo it is firft", {0: ("ſ", 1.0), 12: ("ſ", 1.0)})
    page = [said(line, {}) for line in PAGES["English of 1750"]]
    read = decode(with_letters_of_page(best_path([*page, doubtful])).labels.tolist())
    assert read.endswith("ſo it is firſt")
    page = [said(line, {}) for line in PAGES["English"]]
    read = decode(with_letters_of_page(best_path([*page, doubtful])).labels.tolist())
    assert read.endswith("fo it is firft")


def test_a_borrowed_letter_needs_less_than_one_of_a_single_language() -> None:
    found = weight(PAGES["English"])
    assert found["é"] > found["ë"] > found["ě"] >= found["ľ"]


def said(text: str, doubtful: dict[int, tuple[str, float]]) -> Logits:
    """Frames that say a text, a blank between; at some places another character is as near."""
    logits = np.zeros((2 * len(text), len(CHARACTERS) + 1), np.float32)
    logits[1::2, 0] = 30.0
    logits[np.arange(0, 2 * len(text), 2), encode(text)] = 30.0
    for k, (other, behind) in doubtful.items():
        logits[2 * k, encode(other)[0]] = 30.0 - behind
    return logits


def test_a_foreign_letter_gives_way_to_what_is_nearly_as_likely() -> None:
    text = "que ľon a vu"
    lines = [said(line, {}) for line in PAGES["French"]]
    path = best_path([*lines, said(text, {4: ("l", 2.0)})])
    read = with_letters_of_page(path)
    assert decode(read.labels.tolist()) == "".join(PAGES["French"]) + "que lon a vu"


def test_a_foreign_letter_that_is_plain_to_see_stays() -> None:
    path = best_path(
        [*(said(line, {}) for line in PAGES["French"]), said("Ľudovít", {0: ("L", 12.0)})]
    )
    assert decode(with_letters_of_page(path).labels.tolist()).endswith("Ľudovít")


def test_a_page_with_letters_of_page_is_not_touched() -> None:
    path = best_path([said(line, {}) for line in PAGES["French"]])
    assert with_letters_of_page(path) is path
    empty = best_path([])
    assert with_letters_of_page(empty) is empty
