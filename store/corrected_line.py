"""A line as people left it, every character still tied to the one that the machine read there.

Corrections of characters name positions of the machine's reading, which never change, however
many characters were put in or taken out before. So the history of a line is replayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum


class CorrectionKind(StrEnum):
    """What a correction did; stored as text in `corrections.kind`."""

    REPLACE = "replace"  # the character at `position` is another one
    INSERT = "insert"  # a character is missing before `position` (or at the line's end)
    DELETE = "delete"  # the character at `position` is not there
    LINE = "line"  # the whole line reads otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One correction of a line; `after` is a character, "" for delete, the text for line."""

    kind: CorrectionKind
    position: int | None  # of the machine's reading; None for line
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A character of the corrected line, with its position in the machine's reading if any."""

    char: str  # "" where it was taken out: it keeps its place, so that it can be put back
    position: int | None


def replay(machine: str, history: Iterable[Change]) -> tuple[Slot, ...]:
    """Apply corrections in their order.

    A position that is not in the line any more has no effect (see `find`).

    >>> insert = Change(kind=CorrectionKind.INSERT, position=0, after="a")
    >>> replace = Change(kind=CorrectionKind.REPLACE, position=1, after="c")
    >>> corrected_text(replay("bb", [insert, replace]))
    'abc'
    """
    slots = tuple(Slot(char=char, position=i) for i, char in enumerate(machine))
    for change in history:
        slots = _apply(slots, change, len(machine))
    return slots


def find(slots: tuple[Slot, ...], position: int) -> int | None:
    """Where the machine's character `position` stands in the line now; None: it is gone."""
    return next((i for i, slot in enumerate(slots) if slot.position == position), None)


def corrected_text(slots: Iterable[Slot]) -> str:
    """The text of the line."""
    return "".join(slot.char for slot in slots)


def _apply(slots: tuple[Slot, ...], change: Change, length: int) -> tuple[Slot, ...]:
    if change.kind is CorrectionKind.LINE or change.position is None:
        return _align(slots, change.after)
    at = find(slots, change.position)
    if change.kind is CorrectionKind.INSERT:
        if change.position == length:
            at = len(slots)
        if at is None:
            return slots
        return (*slots[:at], Slot(char=change.after, position=None), *slots[at:])
    if at is None:
        return slots
    if change.kind is CorrectionKind.DELETE:
        return (*slots[:at], Slot(char="", position=change.position), *slots[at + 1 :])
    return (*slots[:at], Slot(char=change.after, position=slots[at].position), *slots[at + 1 :])


def _align(slots: tuple[Slot, ...], text: str) -> tuple[Slot, ...]:
    """The slots of a line that was typed anew: characters keep their positions where they can."""
    found: list[Slot] = []
    slots = tuple(slot for slot in slots if slot.char)
    matcher = SequenceMatcher(None, corrected_text(slots), text, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        keeps = kind == "equal" or (kind == "replace" and old_to - old_from == new_to - new_from)
        for i, char in enumerate(text[new_from:new_to]):
            found.append(Slot(char=char, position=slots[old_from + i].position if keeps else None))
    return tuple(found)
