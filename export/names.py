"""File names of an export: the scan's stem, made unique, kept as bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_MAX_NAME_BYTES = 255  # of one name on every common file system
_ROOM_BYTES = 24  # for a suffix, the extension and the mark of an unfinished file
_RESERVED = b"ocrq-export"  # with .json it is the list of the folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportName:
    """The stem (no extension) of a document's files; `is_renamed`: it differs from the scan's."""

    stem: bytes
    is_renamed: bool


def export_names(paths: Iterable[bytes]) -> Iterator[ExportName]:
    r"""One name a document, in the order of the paths.

    Two scans with the same stem (in two folders, or `a.tif` beside `a.pdf`) get `a` and `a-2`.
    Capitals are not told apart, because the files may go to a disk that does not. Documents that
    are appended to a batch do not change the names of those before them. `ocrq-export` is taken.

    >>> [n.stem for n in export_names([b"x/a.tif", b"y/a.tif", b"a.pdf", b"a-2.png", b"\xff.tif"])]
    [b'a', b'a-2', b'a-3', b'a-2-2', b'\xff']
    """
    taken = {_RESERVED}
    next_number: dict[bytes, int] = {}
    for path in paths:
        base = os.fsencode(Path(os.fsdecode(path)).stem) or b"document"
        stem = name = _shortened(base)
        while _folded(name) in taken:
            number = next_number.get(_folded(stem), 2)
            next_number[_folded(stem)] = number + 1
            name = stem + b"-%d" % number
        taken.add(_folded(name))
        yield ExportName(stem=name, is_renamed=name != base)


def newest_names(paths: Iterable[bytes]) -> list[ExportName | None]:
    r"""One name a document; None for one whose path a later document has, too: a newer scan of it.

    The newest one takes the name that the first one would have. The others are counted all the
    same, so that no name depends on what was scanned again.

    >>> [n and n.stem for n in newest_names([b"x/a.tif", b"y/a.tif", b"x/a.tif", b"z/a.tif"])]
    [None, b'a-2', b'a', b'a-4']
    """
    given = list(paths)
    newest = {path: place for place, path in enumerate(given)}
    names: dict[bytes, ExportName] = {}
    for path, name in zip(given, export_names(given), strict=True):
        names.setdefault(path, name)
    return [names[path] if newest[path] == place else None for place, path in enumerate(given)]


def _shortened(stem: bytes) -> bytes:
    text = os.fsdecode(stem)
    while len(os.fsencode(text)) > _MAX_NAME_BYTES - _ROOM_BYTES:
        text = text[:-1]
    return os.fsencode(text)


def _folded(name: bytes) -> bytes:
    return os.fsencode(os.fsdecode(name).casefold())
