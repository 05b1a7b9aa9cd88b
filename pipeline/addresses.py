"""Addresses of mail and web: no language foretells them, and no word list has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_ADDRESS: Final = re.compile(r"\S*@\S+\.\S+|\S*(?:\bwww\.|://)\S+", re.IGNORECASE)


def address_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand in a text: first character, and one behind the last.

    >>> list(address_spans("Write to j.smith@press.org or see www.press.org. Soon"))
    [(9, 26), (34, 48)]
    """
    for match in _ADDRESS.finditer(text):
        yield match.span()
