"""Values as people read them: paths, times, counts; and tables that stay greppable in a pipe."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import click

from store.paths import path_text


def show_path(path: bytes | str) -> str:
    r"""A path that is safe on a terminal; bytes that are not UTF-8 are written `\xNN`.

    >>> show_path(b"caf\xe9\x1b.tif")
    'caf\\xe9\\x1b.tif'
    """
    raw = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
    return show_text(path_text(raw))


def show_text(text: str) -> str:
    r"""Text on one line: controls are written as escapes, so that a scan cannot drive a terminal.

    >>> show_text("a\nb")
    'a\\nb'
    """
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _HIDDEN else c
        for c in text
    )


#: Controls, surrogates, line marks and bidirectional overrides (which reorder what follows).
_HIDDEN = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})


def show_seconds(seconds: float | None) -> str:
    """A duration in at most two units.

    >>> show_seconds(3.25), show_seconds(75), show_seconds(7260), show_seconds(200_000)
    ('3.2 s', '1 min 15 s', '2 h 1 min', '2 d 7 h')
    """
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def show_number(value: float | int | None, digits: int = 0) -> str:
    """A count with its thousands apart.

    >>> show_number(1234567), show_number(0.98765, 3), show_number(None)
    ('1,234,567', '0.988', '-')
    """
    return "-" if value is None else f"{value:,.{digits}f}"


def show_time(at: datetime | None) -> str:
    """A moment in the local time of this machine."""
    return "-" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M")


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count_of(1, "page"), count_of(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def format_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns two spaces apart; numbers (and what looks like them) to the right.

    >>> print(format_table(("batch", "pages"), [("a", "7"), ("long", "1,200")]))
    batch  pages
    a          7
    long   1,200
    """
    cells = [[str(v) for v in header], *([str(v) for v in row] for row in rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(header))]
    is_right = [
        len(cells) > 1 and all(_is_number(row[i]) for row in cells[1:]) for i in range(len(header))
    ]
    return "\n".join(
        "  ".join(
            _pad(cell, width, right)
            for cell, width, right in zip(row, widths, is_right, strict=True)
        ).rstrip()
        for row in cells
    )


def _is_number(text: str) -> bool:
    return text == "-" or (text[:1].isdigit() and all(c in "0123456789.,%" for c in text))


def _pad(text: str, width: int, is_right: bool) -> str:
    room = " " * (width - _width(text))
    return room + text if is_right else text + room


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def print_json(value: object, is_line: bool = False) -> None:
    """Write one JSON value to stdout, ASCII only, so that every shell and program can take it."""
    click.echo(json.dumps(as_json(value), indent=None if is_line else 2))


def as_json(value: object) -> Any:
    """Plain JSON values: dataclasses become objects, moments ISO 8601 in UTC, paths text.

    >>> as_json({"path": b"a", "n": (1, 2)})
    {'path': 'a', 'n': [1, 2]}
    """
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case bytes():
            return path_text(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Mapping():
            return {str(k): as_json(v) for k, v in value.items()}
        case _ if is_dataclass(value):
            return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
        case Iterable():
            return [as_json(v) for v in value]
    return str(value)
