"""The fonts that synthetic lines are drawn with: Debian's, each checked for the signs it has."""

from __future__ import annotations

import json
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.vocabulary import CHARACTERS
from training.fonts import code_points, find_fonts

_FOLDER = Path("/usr/share/fonts")
_STYLES = (
    ("mono", re.compile(r"mono|courier|typewriter|typo|ocr|cursor|3270|vt|lmtt|cmunt|hack|"
                        r"inconsol|nimbusmon|cousine|fixed|proggy|glass|dotgothic|typist", re.I)),
    ("serif", re.compile(r"serif|roman|times|tinos|garamond|baskerv|bask|didot|bodoni|century|c059|"
                         r"P052|bookman|schola|pagella|termes|bonum|caslon|1743|goudy|linden|"
                         r"libertine|junicode|oldstandard|elstob|caladea|gentium|charis|doulos|"
                         r"vollkorn|cardo|lmroman|cmunr|cmunb|cmunti|stix|artemisia|prociono|fanwood|"
                         r"accanthis|baskervald|berenis|romande|tribun|joscelyn|isabella", re.I)),
    ("hand", re.compile(r"hand|script|breip|dancing|chancery|comic|kristi|femke|ecolier|rufscript",
                        re.I)),
)  # fmt: skip
#: Faces cut before 1800, or after such.
_OLD_FACES = re.compile(
    r"garamond|1743|caslon|cardo|junicode|elstob|fanwood|linden|goudy|joscelyn|libertine|baskerv",
    re.I,
)
_OLD_FACE = 0.9  # of the lines with a long s
#: Files whose small letters are capitals, the long s an S among them.
_CAPITALS_ALONE = re.compile(r"SC(?![a-z])|Caps|Initials")
#: How often each style is drawn.
_WEIGHTS = {"serif": 46, "sans": 24, "mono": 24, "hand": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """A font file, its style, and the characters of the vocabulary that it has."""

    path: str
    style: str
    characters: frozenset[str]


def find_line_fonts(cache: Path, folder: Path = _FOLDER) -> list[Font]:
    """All fit fonts below a folder; the slow look into each file is kept in `cache`."""
    known: dict[str, str] = json.loads(cache.read_text("utf-8")) if cache.exists() else {}
    fonts = []
    for path in find_fonts([folder]):
        if str(path) not in known:
            codes = code_points(path)
            known[str(path)] = "".join(c for c in CHARACTERS if ord(c) in codes)
        characters = frozenset(known[str(path)])
        if {"a", "Z", "5", ".", " "} <= characters:
            style = next((s for s, pattern in _STYLES if pattern.search(path.name)), "sans")
            fonts.append(Font(path=str(path), style=style, characters=characters))
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}")  # several processes may look at once
    part.write_text(json.dumps(known), "utf-8")
    part.replace(cache)
    return fonts


def choose_fonts(fonts: list[Font], count: int) -> list[Path]:
    """Files of at most `count` fonts, in the shares of the styles; richer character sets first."""
    chosen: list[Path] = []
    for style, weight in _WEIGHTS.items():
        group = sorted(
            (f for f in fonts if f.style == style), key=lambda f: (-len(f.characters), f.path)
        )
        share = round(count * weight / sum(_WEIGHTS.values()))
        step = max(1, len(group) // max(1, 2 * share))  # of the richer half, not all of one family
        chosen += [Path(f.path) for f in group[::step][:share]]
    return chosen[:count]


class FontChoice:
    """Draws a font that has every character of a text, styles by their weights."""

    def __init__(self, fonts: list[Font]) -> None:
        self._by_style = {
            style: group
            for style in _WEIGHTS
            if (group := [font for font in fonts if font.style == style])
        }
        self._old = [
            font
            for font in fonts
            if "ſ" in font.characters
            and _OLD_FACES.search(Path(font.path).name)
            and not _CAPITALS_ALONE.search(Path(font.path).name)
        ]

    def draw(self, rng: random.Random, text: str) -> str | None:
        """Path of a font, or None if twelve draws found none that has all of `text`."""
        needed = frozenset(text)
        styles = list(self._by_style)
        old = bool(self._old) and "ſ" in needed and rng.random() < _OLD_FACE
        for _ in range(12):
            style = rng.choices(styles, [_WEIGHTS[s] for s in styles])[0]
            font = rng.choice(self._old if old else self._by_style[style])
            if needed <= font.characters:
                return font.path
        return None
