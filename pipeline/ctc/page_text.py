"""The lines of a path as text, and what stands around a place of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.addresses import address_spans
from pipeline.ctc.path import Flags, PagePath
from pipeline.language.model import CONTEXT, EDGE
from pipeline.vocabulary import decode


class PageText:
    """The lines of a path as one text, and what stands around a place of it.

    A line that goes on with the one before, as the boxes of a form do, has that one's text and a
    space before it; others have an edge there.
    """

    def __init__(self, path: PagePath) -> None:
        self.text = decode(path.labels.tolist())
        parts = [
            (" " if continues else EDGE) + self.text[first:last]
            for continues, (first, last) in zip(
                path.continues.tolist(), pairwise(path.chars.tolist()), strict=True
            )
        ]
        self._all = "".join([*parts, EDGE])
        #: Where each character of the page stands in it.
        self._places = np.arange(len(self.text)) + path.line_of_chars() + 1

    def before(self, line: int, char: int) -> str:
        """Up to `CONTEXT` characters before one, with the edge where that is nearer."""
        place = char + line + 1
        found = self._all[max(0, place - CONTEXT) : place]
        return found[max(found.rfind(EDGE), 0) :]

    def behind(self, line: int, char: int) -> str:
        """The same from a character on."""
        place = char + line + 1
        found = self._all[place : place + CONTEXT]
        return found[: found.find(EDGE) + 1 or CONTEXT]

    def in_addresses(self) -> Flags:
        """(N,) which characters of the page are of addresses of mail or web."""
        # Between lines this has a sign more than the characters; an edge ends an address.
        found = np.zeros(len(self._all), np.bool_)
        for first, last in address_spans(self._all):
            found[first:last] = True
        return np.asarray(found[self._places])
