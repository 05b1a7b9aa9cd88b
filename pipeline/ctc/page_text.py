"""The lines of a path as text, and what stands around a place of it."""

from __future__ import annotations

from pipeline.ctc.path import PagePath
from pipeline.language.model import CONTEXT, EDGE
from pipeline.vocabulary import decode


class PageText:
    """The lines of a path as one text, and what stands around a place of it."""

    def __init__(self, path: PagePath) -> None:
        self.text = decode(path.labels.tolist())
        self._bounds = path.chars.tolist()

    def before(self, line: int, char: int) -> str:
        """Up to `CONTEXT` characters before one, with the line's edge where that is nearer."""
        begin = self._bounds[line]
        return (EDGE if char - CONTEXT < begin else "") + self.text[
            max(begin, char - CONTEXT) : char
        ]

    def behind(self, line: int, char: int) -> str:
        """The same from a character on."""
        end = self._bounds[line + 1]
        return self.text[char : min(end, char + CONTEXT)] + (EDGE if char + CONTEXT > end else "")
