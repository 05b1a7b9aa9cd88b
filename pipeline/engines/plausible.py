"""Whether an engine's answer can be true: numbers that are numbers, boxes that lie on the page.

A model with damaged weights, or a runtime with a bug, answers with NaN and garbage rather than an
error. Nothing of such an answer may be stored, for everything behind it trusts it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ocrq.errors import AnswerError
from ocrq.types import CharResult
from pipeline.engines.engine import LineImage, LineReading


def check_answer(engine: str, lines: Sequence[LineImage], read: Sequence[LineReading]) -> None:
    """Look at everything that an engine said about a page.

    Args:
        engine: its name, for the message.
        lines: what it was given.
        read: what it answered.

    Raises:
        AnswerError: the answer cannot be true; names the line and what is wrong with it.
    """
    if len(read) != len(lines):
        raise AnswerError(f"the engine {engine} was given {len(lines)} lines and read {len(read)}")
    for number, (image, line) in enumerate(zip(lines, read, strict=True)):
        width_px, height_px = image.rotation.source_size
        fault = _fault_of_line(line, width_px, height_px)
        if fault is not None:
            raise AnswerError(
                f"the engine {engine} gave line {number} of the page {fault}; nothing is stored"
            )


def _fault_of_line(line: LineReading, width_px: int, height_px: int) -> str | None:
    if line.missing_risk is not None and not _is_probability(line.missing_risk):
        return f"the missing risk {line.missing_risk}"
    for position, char in enumerate(line.chars):
        fault = _fault_of_char(char, width_px, height_px)
        if fault is not None:
            return f"{fault} at position {position}"
    for position, seen in line.changed:
        if not 0 <= position < len(line.chars) or not all(map(_can_be_stored, seen)):
            return f"the changed characters {seen!r} at position {position}"
    return None


def _fault_of_char(char: CharResult, width_px: int, height_px: int) -> str | None:
    if not _is_probability(char.confidence):
        return f"the confidence {char.confidence}"
    if not _can_be_stored(char.char):
        return f"the character {char.char!r}"
    for other, confidence in char.alternatives:
        if not _is_probability(confidence):
            return f"an alternative with the confidence {confidence}"
        if not _can_be_stored(other):
            return f"the alternative {other!r}"
    if char.box.x1_px > width_px or char.box.y1_px > height_px:
        return f"a box that leaves the page of {width_px} x {height_px} px: {char.box}"
    return None


def _is_probability(value: float) -> bool:
    """False for NaN, too, which compares with nothing."""
    return 0.0 <= value <= 1.0


def _can_be_stored(char: str) -> bool:
    """Not a control character or half of a surrogate pair: databases refuse them.

    >>> _can_be_stored("a"), _can_be_stored(chr(0)), _can_be_stored(chr(0xD800))
    (True, False, False)
    """
    return unicodedata.category(char[:1] or chr(0)) not in ("Cc", "Cs")
