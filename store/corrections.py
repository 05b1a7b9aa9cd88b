"""What people correct: an append-only history beside the machine's reading, which stays."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ocrq.errors import NotFound, Outdated, UsageError
from store.corrected_line import Change, CorrectionKind, corrected_text, find, replay
from store.database import Database
from store.doubts import note_lowest_confidence
from store.result_tables import corrections, lines
from store.schema import pages


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLine:
    """What somebody had before their eyes: a correction of anything else would be a mistake."""

    reading_id: int
    text: str  # of the line, corrections included


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    """A line after a correction, or after one that would have changed nothing."""

    reading_id: int
    line: int
    before: str  # the text of the line until now
    text: str  # and from now on
    is_stored: bool = True  # False: it reads so already, and nothing was noted


def correct_line(
    db: Database,
    page_id: int,
    line: int,
    text: str,
    reviewer: str,
    *,
    seen: SeenLine | None = None,
    mode: str = "command",
    seconds: float | None = None,
) -> LineText:
    """Say what a whole line reads.

    A text that the line has already is not stored: a page with corrections is kept from being read
    again, and this one gains nothing by that.

    Args:
        db: the database.
        page_id: the page.
        line: number of the line, from 0 (as in SQL).
        text: without line breaks or other control characters; may be empty.
        reviewer: who says so.
        seen: what they saw; without it the line is corrected whatever it reads by now.
        mode: how the correction was made.
        seconds: how long it took.

    Raises:
        UsageError: there is no such page, reading or line (says what there is), or the text
            cannot stand in a line.
        Outdated: the line is not what was seen any more.
    """
    text = _clean(text)
    with db.write(durable=True) as conn:
        row = _lock_line(conn, page_id, line, seen)
        before = _text_now(row)
        if text == before:
            return _as_it_was(row, before)
        change = Change(kind=CorrectionKind.LINE, position=None, after=text)
        _note(db, conn, row, change, before, reviewer, mode, seconds)
        return _store(conn, page_id, row, before, text)


def correct_character(
    db: Database,
    page_id: int,
    line: int,
    position: int,
    kind: CorrectionKind,
    char: str,
    reviewer: str,
    *,
    seen: SeenLine | None = None,
    mode: str = "command",
    seconds: float | None = None,
) -> LineText:
    """Replace or delete a character of the machine's reading, or insert one before it.

    A character may be replaced by itself, once: a person confirms it, so it is not doubtful any
    more. What a person has settled already is not stored again. One that was deleted comes back
    by replacing it.

    Args:
        db: the database.
        page_id: the page.
        line: number of the line, from 0.
        position: of the character as the machine read the line, from 0; the length of the line
            inserts at its end. It never shifts, whatever was corrected before.
        kind: replace, insert or delete.
        char: one character; "" for delete.
        reviewer: who says so.
        seen: what they saw; without it the line is corrected whatever it reads by now.
        mode: how the correction was made.
        seconds: how long it took.

    Raises:
        UsageError: there is no such page, reading, line or character (says what there is).
        Outdated: the line is not what was seen any more.
    """
    kind = CorrectionKind(kind)
    char = _clean(char)
    if kind is CorrectionKind.LINE:
        raise UsageError("a whole line is corrected by its text")
    if len(char) != (0 if kind is CorrectionKind.DELETE else 1):
        wanted = "no character" if kind is CorrectionKind.DELETE else "one character"
        raise UsageError(f"{kind.value} takes {wanted}, not {char!r}")
    with db.write(durable=True) as conn:
        row = _lock_line(conn, page_id, line, seen)
        history = _history(conn, row)
        slots = replay(row.text, history)
        at_end = kind is CorrectionKind.INSERT and position == len(row.text)
        if not at_end and not 0 <= position < len(row.text):
            raise NotFound(
                f"line {line} of page {page_id} has the characters 0..{len(row.text) - 1}"
                f" ({row.text!r}), not {position}"
                if row.text
                else f"line {line} of page {page_id} is empty"
            )
        at = len(slots) if at_end else find(slots, position)
        if at is None:
            raise UsageError(
                f"character {position} of line {line} ({row.text!r}) was taken out by a correction"
                f" before; the line reads {corrected_text(slots)!r} now: correct the whole line"
            )
        before = "" if kind is CorrectionKind.INSERT else slots[at].char
        change = Change(kind=kind, position=position, after=char)
        is_same = char == before and kind is not CorrectionKind.INSERT
        if is_same and _is_settled(history, position):
            return _as_it_was(row, corrected_text(slots))
        after = replay(row.text, [*history, change])
        _note(db, conn, row, change, before, reviewer, mode, seconds)
        return _store(conn, page_id, row, corrected_text(slots), corrected_text(after))


def _lock_line(conn: Connection, page_id: int, line: int, seen: SeenLine | None) -> Any:
    """The line of the current reading; the page is locked, so that the reading stays current."""
    page = conn.execute(select(pages).where(pages.c.id == page_id).with_for_update()).first()
    if page is None:
        raise NotFound(f"there is no page with the id {page_id}")
    if page.reading_id is None:
        raise NotFound(f"page {page_id} was not read yet: it is {page.state}")
    if seen is not None and seen.reading_id != page.reading_id:
        raise Outdated(f"page {page_id} was read anew meanwhile; look at it again")
    found = conn.execute(
        select(lines).where(lines.c.reading_id == page.reading_id).order_by(lines.c.number)
    ).all()
    row = next((row for row in found if row.number == line), None)
    if row is None:
        numbers = f"the lines 0..{len(found) - 1}" if found else "no lines"
        raise NotFound(f"page {page_id} has {numbers}, not {line}")
    if seen is not None and seen.text != _text_now(row):
        raise Outdated(
            f"somebody else corrected line {line} of page {page_id} meanwhile; it reads"
            f" {_text_now(row)!r} now: look at it again"
        )
    return row


def _text_now(row: Any) -> str:
    text: str = row.text if row.corrected_text is None else row.corrected_text
    return text


def _history(conn: Connection, row: Any) -> list[Change]:
    past = conn.execute(
        select(corrections)
        .where(corrections.c.reading_id == row.reading_id, corrections.c.line == row.number)
        .order_by(corrections.c.id)
    )
    return [Change(kind=CorrectionKind(c.kind), position=c.position, after=c.after) for c in past]


def _is_settled(history: list[Change], position: int) -> bool:
    """Whether a person has said what this character is, as `store.doubts` sees it."""
    return any(
        change.kind is not CorrectionKind.INSERT and change.position in (None, position)
        for change in history
    )


def _as_it_was(row: Any, text: str) -> LineText:
    return LineText(
        reading_id=row.reading_id, line=row.number, before=text, text=text, is_stored=False
    )


def _note(
    db: Database,
    conn: Connection,
    row: Any,
    change: Change,
    before: str,
    reviewer: str,
    mode: str,
    seconds: float | None,
) -> None:
    conn.execute(
        insert(corrections).values(
            reading_id=row.reading_id,
            line=row.number,
            position=change.position,
            kind=change.kind.value,
            before=before,
            after=change.after,
            reviewer=reviewer,
            mode=mode,
            seconds=seconds,
            created_at=db.now(conn),
        )
    )


def _store(conn: Connection, page_id: int, row: Any, before: str, text: str) -> LineText:
    conn.execute(
        update(lines)
        .where(lines.c.reading_id == row.reading_id, lines.c.number == row.number)
        .values(corrected_text=text)
    )
    note_lowest_confidence(conn, page_id, row.reading_id)
    return LineText(reading_id=row.reading_id, line=row.number, before=before, text=text)


def _clean(text: str) -> str:
    """NFC, and no character that cannot stand in a line of text."""
    text = unicodedata.normalize("NFC", text)
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            raise UsageError(f"{char!r} cannot stand in a line of text")
    return text
