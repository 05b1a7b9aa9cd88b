"""The texts that are counted, as lines of print would have them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.vocabulary import spell
from training.lines.office_text import draw_number
from training.lines.text import WORD_LISTS

#: Running text is cut into lines of so many characters.
_LINE_CHARS = (25, 75)
#: No word list counts for more than this many words, drawn from it.
_MOST_WORDS = 150_000
_WORDS_A_LINE = 8
_PIECE_CHARS = 500
_LEAST_PIECE = 40
#: Share of the drawn lines of numbers that are written into boxes.
_BOXED = 0.15
#: How a typewriter's keyboard writes the dash that a printer sets.
_TYPED_DASH = re.compile(r"(?<!-)--(?!-)")


def as_lines(text: str, seed: int = 0) -> str:
    """Running text broken at spaces as if set in lines, each paragraph beginning a new one.

    Two hyphens stand for a dash: a model that never saw one takes it out of every printed page.

    >>> as_lines("one--two three")
    'one—two three'
    """
    rng = random.Random(seed)
    lines: list[str] = []
    for paragraph in _TYPED_DASH.sub("—", text).split("\n"):
        line = ""
        most = rng.randint(*_LINE_CHARS)
        for word in spell(paragraph).split(" "):
            line = f"{line} {word}" if line else word
            if len(line) >= most:
                lines.append(line)
                line, most = "", rng.randint(*_LINE_CHARS)
        if line:
            lines.append(line)
    return "\n".join(lines)


def pieces(rng: random.Random, text: str, count: int) -> list[str]:
    """`count` pieces of a text, each of one paragraph and at most 500 characters, from a word on.

    Short paragraphs are left out. Each place is drawn by its length, so that a text of one endless
    paragraph gives as many as others; one that is short comes again and again.
    """
    paragraphs = [p for p in text.split("\n") if len(p) >= _LEAST_PIECE]
    if not paragraphs:
        return []
    parts = [-(-len(paragraph) // _PIECE_CHARS) for paragraph in paragraphs]
    drawn = []
    for paragraph in rng.choices(paragraphs, parts, k=count):
        start = rng.randrange(max(1, len(paragraph) - _PIECE_CHARS))
        start = paragraph.rfind(" ", 0, start + 1) + 1
        drawn.append(paragraph[start : start + _PIECE_CHARS])
    return drawn


def word_lines(folder: Path, seed: int = 0) -> Iterable[tuple[str, float]]:
    """Words of each installed list in lines, and the list's weight: English counts as 1."""
    most = max(WORD_LISTS.values())
    for name, weight in WORD_LISTS.items():
        path = folder / name
        if not path.exists():
            continue
        words = [spell(word) for word in path.read_text("utf-8", "replace").split("\n")]
        random.Random(seed).shuffle(words)
        words = words[:_MOST_WORDS]
        starts = range(0, len(words), _WORDS_A_LINE)
        yield "\n".join(" ".join(words[k : k + _WORDS_A_LINE]) for k in starts), weight / most


def number_lines(count: int, seed: int = 0) -> str:
    r"""Numbers, dates, prices and codes as the drawn lines have them, some a figure to a box.

    >>> lines = number_lines(40).split("\n")
    >>> any(" " in line and line.replace(" ", "").isdigit() for line in lines)
    True
    """
    rng = random.Random(seed)
    return "\n".join(
        _boxed(rng)
        if rng.random() < _BOXED
        else " ".join(draw_number(rng) for _ in range(rng.randint(1, 3)))
        for _ in range(count)
    )


def _boxed(rng: random.Random) -> str:
    """A number as forms have it that give each figure a box: read with spaces between."""
    return " ".join(rng.choice("0123456789") for _ in range(rng.randint(4, 12)))
