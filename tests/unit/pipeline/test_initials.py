"""An initial may be a word: the word list knows, and the gap where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.initials import is_own_word
from pipeline.run import process_page
from pipeline.word_list import load_word_list
from training.pagegen.fonts import FontSet, Style, find_fonts

ENGLISH = load_word_list("english")
NEAR, FAR = 0.3, 1.2


@pytest.mark.parametrize(
    ("initial", "rest", "gap"),
    [
        ("A", "CLERK copied", NEAR),
        ("A", "man of", NEAR),
        ("I", "was there", NEAR),
        ("I", "WENT down", NEAR),
        ("I", "am", NEAR),
        ("A", "long way", FAR),
        ("A", "LINE of words", FAR),
        ("O", "Lord of", NEAR),
    ],
)
def test_an_initial_that_is_a_word(initial: str, rest: str, gap: float) -> None:
    assert is_own_word(initial, rest, gap, ENGLISH)


@pytest.mark.parametrize(
    ("initial", "rest", "gap"),
    [
        ("A", "LTHOUGH it", NEAR),
        ("A", "long the road", NEAR),
        ("A", "ND then", FAR),
        ("A", "lso", FAR),
        ("I", "T was", FAR),
        ("I", "n the year", NEAR),
        ("I", "nto the", FAR),
        ("O", "f all", NEAR),
        ("T", "he line", FAR),
        ("A", "ller Anfang", NEAR),
        ("A", ", said he", FAR),
        ("A", "", FAR),
        ("I", "xq of", FAR),
    ],
)
def test_an_initial_that_begins_a_word(initial: str, rest: str, gap: float) -> None:
    assert not is_own_word(initial, rest, gap, ENGLISH)


def test_without_a_word_list_an_initial_begins_the_word() -> None:
    assert not is_own_word("A", "clerk copied", FAR, load_word_list("none"))


@pytest.mark.parametrize(
    ("initial", "rest", "first_words"),
    [
        ("A", "CLERK copied each", "A CLERK"),
        ("A", "LTHOUGH he copied", "ALTHOUGH he"),
        ("W", "HEN he came to", "WHEN he"),
        ("M", "ANY years ago he", "MANY years"),
        ("L", "ITTLE by little", "LITTLE by"),
    ],
)
def test_a_page_is_read_with_a_space_behind_such_an_initial(
    initial: str, rest: str, first_words: str
) -> None:
    fonts = find_fonts()
    if Style.SERIF in fonts.missing:
        fonts = FontSet()
    image = Image.new("L", (1100, 900), 255)
    pen, font = ImageDraw.Draw(image), fonts.at(Style.SERIF, 44)
    large = fonts.at(Style.SERIF, 158)
    pen.text((80, 215), initial, font=large, fill=0, anchor="ls")
    x = 84 + large.getlength(initial)
    pen.text((x, 152), rest, font=font, fill=0, anchor="ls")
    pen.text((x, 212), "letter by hand and kept it", font=font, fill=0, anchor="ls")
    for k in range(9):
        pen.text(
            (80, 272 + 60 * k), "and so did all the others who", font=font, fill=0, anchor="ls"
        )
    gray = np.asarray(image, np.uint8).copy()
    page = PageImage(gray=gray, dpi=300, dpi_is_estimated=False, scan_size_px=(1100, 900))

    result = process_page(page, PageOptions(engine="crnn"), load_engine("crnn"))

    assert result.lines[0].text.startswith(first_words)
