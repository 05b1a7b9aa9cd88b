"""Text that is normalised for comparison and still knows where each of its characters came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.text_score import PLAIN

#: The steps of training.text_score.normalise that join characters, in its order.
_STEPS: Final = (
    (re.compile(r"''|``"), '"'),
    (re.compile(r"-+"), "-"),
    (re.compile(r"(?<=\w)-\s*\n\s*(?=\w)"), ""),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A normalised text; `source[k]` is the character of the raw text that gave its k-th."""

    text: str
    source: npt.NDArray[np.int64]


def track(raw: str, ignore_case: bool = False) -> Tracked:
    r"""Normalise a text as `training.text_score.normalise` does, and remember the places.

    >>> tracked = track("a\n di-\nded")
    >>> tracked.text, tracked.source.tolist()
    ('a dided', [0, 1, 3, 4, 7, 8, 9])
    """
    pieces: list[str] = []
    source: list[int] = []
    for place, char in _composed(raw):
        piece = normalise_sign(char)
        pieces.append(piece)
        source += [place] * len(piece)
    text = "".join(pieces)
    for pattern, replacement in _STEPS:
        text, source = _replace(pattern, replacement, text, source)
    left = len(text) - len(text.lstrip())
    text = text.strip()
    source = source[left : left + len(text)]
    if ignore_case:
        upper = [char.upper() for char in text]
        source = [place for place, char in zip(source, upper, strict=True) for _ in char]
        text = "".join(upper)
    return Tracked(text=text, source=np.array(source, np.int64))


def normalise_sign(char: str) -> str:
    """One character as `normalise` writes it, white space left as it is.

    >>> normalise_sign("—"), normalise_sign("…"), normalise_sign("ﬁ")
    ('-', '...', 'fi')
    """
    return unicodedata.normalize("NFKC", char).translate(PLAIN)


def _composed(raw: str) -> Iterable[tuple[int, str]]:
    """Characters with their places, a letter and its combining marks as one."""
    start = 0
    for place in range(1, len(raw) + 1):
        if place == len(raw) or not unicodedata.combining(raw[place]):
            yield start, raw[start:place]
            start = place


def _replace(
    pattern: re.Pattern[str], replacement: str, text: str, source: list[int]
) -> tuple[str, list[int]]:
    """re.sub for a replacement of at most one character, which takes the first one's place."""
    out: list[str] = []
    places: list[int] = []
    end = 0
    for match in pattern.finditer(text):
        out.append(text[end : match.start()])
        places += source[end : match.start()]
        out.append(replacement)
        places += source[match.start() : match.start() + len(replacement)]
        end = match.end()
    out.append(text[end:])
    places += source[end:]
    return "".join(out), places
