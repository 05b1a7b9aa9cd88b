"""What a reading may not carry into a file for other programs: control characters and formulas."""

from __future__ import annotations

import unicodedata

#: First characters that make a spreadsheet take a cell for a formula (OWASP, "CSV injection"),
#: with the full-width forms that some locales accept.
_FORMULA_STARTS = frozenset("=+-@\t\r＝＋－＠")

#: General categories that never belong in text: controls, surrogates, line and paragraph marks.
_UNWANTED = frozenset({"Cc", "Cs", "Zl", "Zp"})

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_text(text: str) -> str:
    r"""Replace every control character by U+FFFD, so that lengths and positions stay as they are.

    Tabs and line breaks count as controls: a line of a page has none.

    >>> clean_text("a\x1b[31mb\tc")
    'a�[31mb�c'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(REPLACEMENT if _is_unwanted(c) else c for c in text)


def _is_unwanted(char: str) -> bool:
    # U+FFFE and U+FFFF are no characters and break XML and some JSON readers.
    return unicodedata.category(char) in _UNWANTED or ord(char) & 0xFFFE == 0xFFFE


def defuse_cell(text: str) -> str:
    """Clean a CSV cell and put an apostrophe before what a spreadsheet would run as a formula.

    >>> defuse_cell("=1+1"), defuse_cell("1+1"), defuse_cell("-")
    ("'=1+1", '1+1', "'-")
    """
    defused = f"'{text}" if text[:1] in _FORMULA_STARTS else text
    return clean_text(defused)
