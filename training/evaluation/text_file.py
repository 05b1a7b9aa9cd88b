"""Texts that a person wrote: lists of names, labels, judged tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrq.errors import UsageError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without the mark that some programs put in front.

    Raises:
        UsageError: it cannot be read or is not UTF-8; names file and line.
    """
    with readable(path):
        data = path.read_bytes()
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise UsageError(f"{path}, line {line}: not UTF-8 text; save it as UTF-8") from exc


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What the system says of a file that cannot be read becomes a message that names it.

    Raises:
        UsageError: in place of OSError.
    """
    try:
        yield
    except OSError as exc:
        raise UsageError(f"{exc.filename or path}: cannot be read: {exc.strerror or exc}") from exc
