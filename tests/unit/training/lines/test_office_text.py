"""Addresses, telephone numbers and figures that synthetic lines show."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.vocabulary import unknown
from training.lines.office_text import (
    draw_address,
    draw_code,
    draw_figure,
    draw_number,
    draw_telephone,
)


def word(rng: random.Random) -> str:
    return rng.choice(("smith", "press", "a"))


def drawn(count: int = 400) -> list[str]:
    rng = random.Random(5)
    return [draw_address(rng, word) for _ in range(count)]


def test_addresses_are_of_mail_and_of_the_web() -> None:
    found = drawn()
    mail = [text for text in found if "@" in text]
    assert 100 < len(mail) < 300
    assert all(re.search(r"[\w.-]+@[\w-]+\.[\w.]+$", text) for text in mail)
    assert any("www." in text for text in found)
    assert any("https://" in text and text.count("/") > 3 for text in found)
    assert any(text.isupper() for text in found)


def test_no_space_stands_in_an_address() -> None:
    for text in drawn():
        _, at, address = text.rpartition(" ")
        assert at in ("", " ")
        assert "." in address


@pytest.mark.parametrize("draw", [draw_telephone, draw_figure, draw_number, draw_code])
def test_numbers_differ(draw: object) -> None:
    assert callable(draw)
    rng = random.Random(1)
    assert len({draw(rng) for _ in range(60)}) > 30


@given(st.integers(0, 10_000))
def test_all_can_be_spelled_and_follow_from_the_generator(seed: int) -> None:
    def line() -> str:
        rng = random.Random(seed)
        drawn = (draw_telephone, draw_figure, draw_number, draw_code)
        return " ".join([draw_address(rng, word), *(draw(rng) for draw in drawn)])

    assert line() == line()
    assert not unknown(line())
