"""Hand-printed lines are composed from the characters given, and stand on a line."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import CharacterSet
from training.lines.handprint import (
    Hand,
    compose_lines,
    draw_hand_text,
    hand_of,
    render_hand_line,
)
from training.lines.text import TextSource

SOURCE = TextSource(words=(("Ann", "box", "typing"),), weights=(1,), prose=())


@pytest.fixture(scope="module")
def hand() -> Hand:
    pictures, labels = [], []
    for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        picture = np.zeros((32, 32), np.uint8)
        cv2.putText(picture, char, (6, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
        pictures.append(picture)
        labels.append(ASCII_CLASSES.index(char))
    return hand_of(CharacterSet(images=np.stack(pictures), labels=np.array(labels)))


def test_lines_are_the_same_for_the_same_seed(hand: Hand) -> None:
    first, second = (compose_lines(3, 5, SOURCE, hand) for _ in range(2))
    assert first.texts == second.texts
    for a, b in zip(first.images, second.images, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.shape[0] == 32
        assert a.max() > 128


def test_a_longer_text_makes_a_wider_line(hand: Hand) -> None:
    short = [render_hand_line(random.Random(k), "AB", hand) for k in range(8)]
    long = [render_hand_line(random.Random(k), "AB CD 12345", hand) for k in range(8)]
    for few, many in zip(short, long, strict=True):
        assert few is not None
        assert many is not None
        assert few.shape[1] < many.shape[1]


def test_a_character_that_nobody_wrote_is_refused(hand: Hand) -> None:
    assert render_hand_line(random.Random(0), "né", hand) is None


def test_texts_fit_and_have_no_space_at_their_ends() -> None:
    rng = random.Random(1)
    for _ in range(200):
        text = draw_hand_text(rng, SOURCE, 12)
        assert 1 <= len(text) <= 12
        assert text == text.strip()
