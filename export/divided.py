"""Words that are divided at the end of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocrq.types import LineResult

_HYPHENS = "-\u00ad"


def is_divided(line: str, following: str) -> bool:
    """Whether a line's last word goes on in the following line.

    A hyphen is taken for a division between a letter and a small letter, so a compound that was
    divided at its own hyphen is taken for one word, too.

    >>> is_divided("the quick br-", "own fox"), is_divided("1914-", "1918"), is_divided("A-", "B")
    (True, False, False)
    """
    return len(line) > 1 and line[-1] in _HYPHENS and line[-2].isalpha() and following[:1].islower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """What is divided in a line: the whole words of its first and of its last word."""

    first: str | None = None  # the line's first word ends this one
    last: str | None = None  # the line's last word, without its hyphen, begins this one


def find_divisions(lines: Sequence[LineResult]) -> list[Division]:
    """The divided words of a block's lines, in reading order; those of a table's cells end there.

    A word that goes on over three lines is one: its middle has both.
    """
    is_open = [
        before.cell == after.cell and is_divided(before.text, after.text)
        for before, after in pairwise(lines)
    ]
    is_open.append(False)
    first: list[str | None] = [None] * len(lines)
    last: list[str | None] = [None] * len(lines)
    start = 0
    while start < len(lines):
        if not is_open[start]:
            start += 1
            continue
        parts, end = [lines[start].text.split()[-1][:-1]], start + 1
        # Only a line of a single word can be the middle of one.
        while is_open[end] and len(lines[end].text.split()) == 1:
            parts.append(lines[end].text.strip()[:-1])
            end += 1
        parts.append(lines[end].text.split()[0])
        whole = "".join(parts)
        for number in range(start, end):
            last[number] = whole
            first[number + 1] = whole
        start = end
    return [Division(first=a, last=b) for a, b in zip(first, last, strict=True)]
