"""Addresses of mail and web: no language foretells them, and no word list has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"\S+")
# Looked for word by word: a pattern for the whole text would begin anew at each sign of a page of
# noise, whose lines have no spaces, and take seconds.
_WEB: Final = re.compile(r"(?:\bwww\.|://)\S", re.IGNORECASE)


def address_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand in a text: first character, and one behind the last.

    >>> list(address_spans("Write to j.smith@press.org or see www.press.org. Soon"))
    [(9, 26), (34, 48)]
    """
    for match in _WORD.finditer(text):
        word = match.group()
        _, _, host = word.partition("@")
        if "." in host[1:-1] or _WEB.search(word):
            yield match.span()
