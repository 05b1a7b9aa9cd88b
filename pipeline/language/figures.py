"""Points and commas inside numbers: no language tells whether a figure has one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SEPARATOR: Final = re.compile(r"(?<=\d)[.,](?=\d)")


def without_separators(
    texts: Sequence[str], skip: Sequence[int]
) -> tuple[list[int], list[str], list[int]]:
    """The texts that have points or commas between digits, as they are without them.

    Args:
        texts: with what stands before and behind.
        skip: how many characters of each are only what stands before; at least one.

    Returns:
        Numbers of those texts; what is left of each; how many characters of that stand before.

    >>> without_separators(["in 39.3 of", "see 393."], [3, 4])
    ([0], ['in 393 of'], [3])
    """
    numbers: list[int] = []
    left: list[str] = []
    before: list[int] = []
    for number, text in enumerate(texts):
        places = [match.start() for match in _SEPARATOR.finditer(text)]
        if places:
            numbers.append(number)
            left.append(_SEPARATOR.sub("", text))
            before.append(max(1, skip[number] - sum(p < skip[number] for p in places)))
    return numbers, left, before
