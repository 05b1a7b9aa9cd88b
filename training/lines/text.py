"""What synthetic lines say: prose, words, numbers, prices, dates, addresses, codes.

Deterministic by the generator that is passed in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.vocabulary import spell, unknown
from training.lines.accents import accented
from training.lines.office_text import draw_address, draw_code, draw_figure, draw_number
from training.lines.old_print import old_print

#: Debian word lists and how often each is drawn from.
WORD_LISTS = {
    "american-english": 40, "british-english": 10, "ngerman": 10, "french": 8, "danish": 5,
    "swedish": 3, "bokmaal": 2, "dutch": 4, "polish": 4, "spanish": 5, "italian": 4,
    "portuguese": 4,
}  # fmt: skip
_WORD_FOLDER = Path("/usr/share/dict")
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_QUOTES = (("“", "”"), ("‘", "’"), ('"', '"'), ("'", "'"), ("„", "“"), ("«", "»"), ("»", "«"))
#: Before a vowel in French, Italian, Irish: in every second line, as close as the mark of ľ to l.
_ELIDED = (
    "l", "l", "l", "d", "d", "d", "n", "s", "j", "c", "m", "t", "qu", "L", "L", "D", "N", "S", "J",
    "C", "Qu", "dell", "all", "un", "Dell", "O",
)  # fmt: skip
_APOSTROPHES = ("’", "’", "'")
#: So much of an accented line's letters: a little, as in Italian, or a lot, as in Czech.
_ACCENTED = (0.05, 0.35)
_RARE = "§°£€$%&@#*+=<>/\\|~^_{}[]†‡•·½¼¾™©®№¥×"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """Where words come from: word lists by language, and running prose (may be empty)."""

    words: tuple[tuple[str, ...], ...]
    weights: tuple[int, ...]
    prose: tuple[str, ...]  # paragraphs
    accented: float = 0.06  # share of the lines that get letters of other languages
    old_print: float = 0.0  # share of running text that is spelled as before 1800


def load_text_source(prose_files: Sequence[Path], word_folder: Path = _WORD_FOLDER) -> TextSource:
    """Read Debian's word lists, as far as installed, and paragraphs of the given files.

    Raises:
        FileNotFoundError: no word list is installed (Debian package wamerican).
    """
    words, weights = [], []
    for name, weight in WORD_LISTS.items():
        path = word_folder / name
        if path.exists():
            found = (spell(w) for w in path.read_text("utf-8", "replace").split("\n"))
            words.append(tuple(w for w in found if 0 < len(w) < 18 and not unknown(w)))
            weights.append(weight)
    if not words:
        raise FileNotFoundError(f"no word list in {word_folder}; install wamerican")
    prose = []
    for path in prose_files:
        for paragraph in re.split(r"\n\s*\n|\n", path.read_text("utf-8", "replace")):
            text = spell(paragraph)
            if len(text) > 20 and not unknown(text):
                prose.append(text)
    return TextSource(words=tuple(words), weights=tuple(weights), prose=tuple(prose))


def draw_text(rng: random.Random, source: TextSource, max_chars: int) -> str:
    """One line of text of 1 to `max_chars` characters, spelled."""
    kind = rng.random()
    if source.prose and kind < 0.40:
        text = _prose(rng, source, max_chars)
        if rng.random() < source.old_print:
            text = old_print(rng, text)
    elif kind < 0.55:
        text = _receipt_row(rng, source, max_chars)
    else:
        text = _mixture(rng, source, max_chars)
    if rng.random() < source.accented:
        text = accented(rng, text, rng.uniform(*_ACCENTED))
    return spell(text[:max_chars]) or "A"


def _prose(rng: random.Random, source: TextSource, max_chars: int) -> str:
    paragraph = rng.choice(source.prose)
    length = rng.randint(max(1, max_chars // 3), max_chars)
    start = rng.randrange(max(1, len(paragraph) - length // 2))
    start = paragraph.rfind(" ", 0, start + 1) + 1  # at a word
    text = paragraph[start : start + length]
    end = text.rfind(" ")
    if end > length // 2:
        cut = rng.random()
        text = text[:end] if cut < 0.7 else text[:end] + "-" if cut < 0.75 else text
    if rng.random() < 0.4:  # typographic signs for typewriter ones, as the printer set them
        text = re.sub(r'(^|(?<=[\s(—-]))"', "“", text).replace('"', "”")
        text = re.sub(r"(^|(?<=[\s(—-]))'", "‘", text).replace("'", "’")
    if rng.random() < 0.05:
        text = text.upper()
    if rng.random() < 0.04:
        text = _spelled_out(rng, text)
    if rng.random() < 0.04:  # notes and verses, set with a space or without
        space = rng.choice(("", "", " "))
        number = f"({space}{rng.randint(1, 300)}{space})"
        text = f"{number} {text}" if rng.random() < 0.5 else f"{text} {number}"
    return text


def _spelled_out(rng: random.Random, text: str) -> str:
    """One word of a line letter by letter: t. h. u. s., with or without points and spaces."""
    words = text.split(" ")
    k = rng.randrange(len(words))
    if 1 < len(words[k]) < 7 and words[k].isalpha():
        words[k] = rng.choice((". ", ".", " ", "-")).join(words[k]) + rng.choice((".", ""))
    return " ".join(words)


def draw_word(rng: random.Random, source: TextSource) -> str:
    """A word of one of the lists, in capitals or with one now and then."""
    word = rng.choice(rng.choices(source.words, source.weights)[0])
    case = rng.random()
    if case < 0.22:
        return word.upper()
    return word.capitalize() if case < 0.42 else word


def _plain_word(rng: random.Random, source: TextSource) -> str:
    """A word in ASCII and small letters."""
    for _ in range(20):
        word = draw_word(rng, source).lower()
        if word.isascii() and word.isalpha():
            return word
    return "page"


def _receipt_row(rng: random.Random, source: TextSource, max_chars: int) -> str:
    kind = rng.random()
    if kind < 0.3:
        return draw_number(rng)
    if kind < 0.4:
        return draw_address(rng, lambda r: _plain_word(r, source))
    if kind < 0.47:
        return " ".join(draw_figure(rng) for _ in range(rng.randint(1, 6)))
    if kind < 0.52:
        return " ".join(draw_code(rng) for _ in range(rng.randint(1, 3)))
    name = " ".join(draw_word(rng, source) for _ in range(rng.randint(1, 3)))
    if rng.random() < 0.6:
        name = name.upper()
    if kind < 0.72:
        mark = rng.choice((" ", ": ", " : ", "  ", " = ", " - "))
        return f"{name}{mark}{draw_number(rng)}"
    if kind < 0.80:
        return f"{rng.randint(1, 300)}, {name}, {rng.randint(1000, 99999)} {draw_word(rng, source)}"
    if kind < 0.88:
        leader = rng.choice((".", ". ", "-", "=", "*", "_"))
        return f"{name[: max_chars // 2]} {leader * rng.randint(3, 12)} {draw_number(rng)}"
    return name


def _mixture(rng: random.Random, source: TextSource, max_chars: int) -> str:
    target = rng.randint(1, max_chars)
    parts: list[str] = []
    length = 0
    case = rng.random()
    while length < target:
        kind = rng.random()
        if kind < 0.78:
            part = draw_word(rng, source)
            part = part.lower() if case < 0.45 else part.upper() if case < 0.6 else part
        elif kind < 0.92:
            part = draw_number(rng)
        elif kind < 0.96:  # letter.dot.letter runs
            letters = [rng.choice(_CAPITALS) for _ in range(rng.randint(1, 4))]
            part = rng.choice((".", ".", ". ")).join(letters) + "."
            part = part.lower() if rng.random() < 0.25 else part
        elif kind < 0.975:
            part = draw_code(rng)
        elif kind < 0.982:
            part = draw_address(rng, lambda r: _plain_word(r, source))
        else:
            part = "".join(
                rng.choice(_RARE) if rng.random() < 0.5 else chr(rng.randint(33, 126))
                for _ in range(rng.randint(1, 4))
            )
        part = _punctuated(rng, part, source)
        parts.append(part)
        length += len(part) + 1
    return " ".join(parts)


def _punctuated(rng: random.Random, part: str, source: TextSource) -> str:
    if rng.random() < 0.04 and part[:1].isalpha():
        return f"{rng.choice(_ELIDED)}{rng.choice(_APOSTROPHES)}{part}"
    kind = rng.random()
    if kind < 0.08:
        return part + ","
    if kind < 0.13:
        return part + "."
    if kind < 0.17:
        return part + rng.choice((":", ";", "!", "?", "...", "…"))
    if kind < 0.19:
        return f"({part})"
    if kind < 0.22:
        opening, closing = rng.choice(_QUOTES)
        return f"{opening}{part}{closing}"
    if kind < 0.26:
        mark = rng.choice(("-", "-", "/", "&", "'", "’", "—", "–", " — ", " – ", " - ", " & ", "."))
        return f"{part}{mark}{draw_word(rng, source)}"
    return part
