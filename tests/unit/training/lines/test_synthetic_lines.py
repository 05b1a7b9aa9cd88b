"""Synthetic lines: deterministic, spellable, stored whole."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.image import GrayImage
from pipeline.line_image import HEIGHT_PX, STRIDE_PX
from pipeline.vocabulary import CHARACTERS, unknown
from training.lines import render
from training.lines.accents import accented, alphabets, relatives
from training.lines.batches import Stored, draw_batches
from training.lines.degrade import can_be_seen, degrade, warp
from training.lines.render import raised_places, render_line
from training.lines.synthesise import Lines, load_lines, save_lines
from training.lines.text import TextSource, draw_text


@pytest.fixture(scope="module")
def source() -> TextSource:
    return TextSource(
        words=(("apple", "Straße", "forêt", "don't"), ("hus", "skov")),
        weights=(3, 1),
        prose=('He said: "It is late; the ship has gone," and went to his room.',),
    )


def lines(source: TextSource, font_path: str, count: int, seed: int) -> Lines:
    rng = random.Random(seed)
    images: list[GrayImage] = []
    texts: list[str] = []
    while len(images) < count:
        text = draw_text(rng, source, 30)
        picture = render_line(rng, text, font_path)
        if picture is not None:
            images.append(picture)
            texts.append(text)
    return Lines(images=tuple(images), texts=tuple(texts))


def test_texts_are_spelled_in_the_vocabulary(source: TextSource) -> None:
    rng = random.Random(1)
    texts = [draw_text(rng, source, 40) for _ in range(500)]
    assert all(0 < len(text) <= 40 for text in texts)
    assert not set().union(*(unknown(text) for text in texts))
    assert len(set(texts)) > 300


def test_equal_seeds_draw_equal_lines(source: TextSource, font_path: str) -> None:
    a, b = lines(source, font_path, 5, seed=7), lines(source, font_path, 5, seed=7)
    assert a.texts == b.texts
    assert all(np.array_equal(x, y) for x, y in zip(a.images, b.images, strict=True))


def test_pictures_are_wide_enough_for_their_text(source: TextSource, font_path: str) -> None:
    drawn = lines(source, font_path, 40, seed=2)
    for image, text in zip(drawn.images, drawn.texts, strict=True):
        assert image.shape[0] == HEIGHT_PX
        assert image.shape[1] // STRIDE_PX > len(text)
        assert image.max() > 100


def test_shards_come_back_as_they_were(source: TextSource, font_path: str, tmp_path: Path) -> None:
    drawn = lines(source, font_path, 6, seed=3)
    save_lines(tmp_path / "shard.npz", drawn)
    again = load_lines(tmp_path / "shard.npz")
    assert again.texts == drawn.texts
    assert all(np.array_equal(x, y) for x, y in zip(again.images, drawn.images, strict=True))
    assert [p.name for p in tmp_path.iterdir()] == ["shard.npz"]


def test_batches_hold_like_widths_and_whole_labels(source: TextSource, font_path: str) -> None:
    drawn = lines(source, font_path, 30, seed=4)
    batches = draw_batches(np.random.default_rng(0), [(1.0, Stored(drawn))])
    for _, batch in zip(range(20), batches, strict=False):
        count, height, width, channels = batch.image.shape
        assert (height, channels, width % 64) == (HEIGHT_PX, 1, 0)
        assert batch.image.dtype == np.uint8
        assert batch.image.max() > 128
        assert batch.steps.max() * STRIDE_PX <= width + STRIDE_PX
        assert ((batch.labels > 0).sum(axis=1) == batch.label_length).all()
        assert count == len(batch.steps)


@pytest.mark.parametrize("seed", range(12))
def test_faults_keep_a_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    page = np.full((60, 300), 255, np.uint8)
    page[20:40, 30:270:12] = 0
    out = degrade(rng, warp(rng, page), x_height_px=20)
    assert out.dtype == np.uint8
    assert out.ndim == 2
    assert min(out.shape) > 4


@given(st.integers(0, 2**32), st.floats(0, 1))
def test_accents_change_letters_and_nothing_else(seed: int, share: float) -> None:
    text = "Total 12.50 of Zürich, (No) cap"
    changed = accented(random.Random(seed), text, share)
    assert len(changed) == len(text)
    assert not unknown(changed)
    for was, now in zip(text, changed, strict=True):
        assert was == now or now in relatives()[was]


def test_accents_of_a_line_are_mostly_those_of_one_alphabet() -> None:
    text = "the quick brown fox jumps over a lazy dog and so do all his cousins " * 4
    of_one = 0
    for seed in range(200):
        drawn = {c for c in accented(random.Random(seed), text, 0.5) if not c.isascii()}
        of_one += any(
            drawn <= {c for chars in known.values() for c in chars}
            for known in alphabets().values()
        )
    assert 120 < of_one < 180  # three in four


def test_elided_words_are_drawn(source: TextSource) -> None:
    rng = random.Random(4)
    texts = [draw_text(rng, source, 40) for _ in range(1500)]
    assert sum(re.search(r"\b[ldLD][’'][a-zA-Z]", text) is not None for text in texts) > 10


def test_raised_letters_are_drawn_small_and_high(font_path: str) -> None:
    """The letters of 3rd end above the base line wherever they are raised."""
    assert sorted(raised_places("3rd")) == [1, 2]
    raised = 0
    for seed in range(30):
        picture = render_line(random.Random(seed), "IIIII 3rd", font_path)
        if picture is None:
            continue
        ink = picture > 128
        columns = np.flatnonzero(ink.any(axis=0))
        last = ink[:, columns[-1] - 3 : columns[-1] + 1]
        first = ink[:, columns[0] : columns[0] + 4]
        raised += np.flatnonzero(last.any(axis=1))[-1] < np.flatnonzero(first.any(axis=1))[-1] - 5
    assert raised > 8


def test_a_line_of_which_nothing_is_left_is_not_drawn(
    source: TextSource, font_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text to be read where nothing is teaches to invent."""
    monkeypatch.setattr(render, "degrade", lambda rng, image, x_height_px: image | 255)
    assert render_line(random.Random(2), "apple", font_path) is None


def test_every_letter_of_the_vocabulary_can_be_drawn() -> None:
    drawn = {char for chars in relatives().values() for char in chars} | set(relatives())
    assert {c for c in CHARACTERS if c.isalpha()} <= drawn | set("ªº") | set(string.ascii_letters)


def test_a_text_without_ink_is_not_shown() -> None:
    picture = np.zeros((32, 90), np.uint8)
    assert not can_be_seen(picture, "seven")
    picture[10:20, 10:14] = 255
    assert can_be_seen(picture, "seven")
    assert not can_be_seen(picture, "seventy")
    assert can_be_seen(picture, "...")
