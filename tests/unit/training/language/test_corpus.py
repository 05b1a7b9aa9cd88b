"""Texts as lines of print have them, and running text out of what packages hold."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from training.language.corpus import as_lines, number_lines, pieces, word_lines
from training.language.debian_texts import prose, texts_of


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=60))
def test_running_text_keeps_its_words_in_lines(words: list[str]) -> None:
    lines = as_lines(" ".join(words)).split("\n")
    assert " ".join(lines).split() == words
    assert all(len(line) < 75 + 10 for line in lines)


def test_word_lists_count_by_their_share(tmp_path: Path) -> None:
    (tmp_path / "american-english").write_text("one\ntwo\nthree\n")
    (tmp_path / "danish").write_text("en\nto\n")
    found = dict(word_lines(tmp_path))
    assert {frozenset(text.split()): weight for text, weight in found.items()} == {
        frozenset({"one", "two", "three"}): 1.0,
        frozenset({"en", "to"}): 0.125,
    }


def test_numbers_are_the_same_each_time() -> None:
    assert number_lines(5) == number_lines(5)
    assert len(number_lines(5).split("\n")) == 5


def test_tables_and_commands_are_no_prose() -> None:
    text = "This is a sentence of a manual.\n$ dpkg -l | grep 1234 > /tmp/x_y_z #3\nshort\n"
    assert prose(text + text) == "This is a sentence of a manual."


def test_packages_give_their_running_text(tmp_path: Path) -> None:
    share = tmp_path / "usr/share"
    page = share / "doc/anarchism/html/a.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>A sentence &amp; more of it</p><pre>code code code code code</pre>")
    guide = share / "doc/installation-guide-amd64"
    for language, text in (
        ("de", "Ein Satz in einer Anleitung."),
        ("ja", "Not to be read at all."),
    ):
        (guide / language).mkdir(parents=True)
        (guide / language / "x.html.gz").write_bytes(gzip.compress(f"<p>{text}</p>".encode()))
    fortunes = share / "games/fortunes"
    fortunes.mkdir(parents=True)
    (fortunes / "wise").write_text("A saying over\ntwo lines.\n%\n")
    (fortunes / "wise.dat").write_bytes(b"\xff\xfe")
    bible = share / "sword/modules/texts/ztext/engWEB2015eb"
    bible.mkdir(parents=True)
    block = zlib.compress("<verse>In the beginning , “ said he.”</verse><note>no</note>".encode())
    (bible / "ot.bzz").write_bytes(block)
    (bible / "ot.bzs").write_bytes(struct.pack("<III", 0, len(block), 0))
    found = dict(texts_of(tmp_path))
    assert found["anarchism"] == "A sentence & more of it"
    assert found["installation"] == "Ein Satz in einer Anleitung."
    assert found["fortunes"] == "A saying over two lines."
    assert found["web"] == "In the beginning, “said he.”"


def test_pieces_begin_at_words_and_long_paragraphs_give_more() -> None:
    long = " ".join(f"word{k}" for k in range(2000))
    text = f"too short\n{'a short paragraph of its own, as long as needed'}\n{long}"
    drawn = pieces(random.Random(1), text, 300)
    assert len(drawn) == 300
    assert all(piece.startswith(("word", "a short")) and len(piece) <= 500 for piece in drawn)
    assert 1 <= sum(piece.startswith("a short") for piece in drawn) < 60
    assert pieces(random.Random(1), "short", 5) == []
