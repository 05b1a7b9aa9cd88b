"""`ocrq-export.json`: what ocrq wrote into a folder, also when exports are killed or meet.

An export promises its files before it writes the first one: their entries have no checksum, and
whatever is found under such a name later is taken for its work. It is the list on disk that
counts, and it is changed under a lock, so that an export keeps what another one noted meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cli.display import show_path
from ocrq.errors import StoreError, UsageError

INDEX_NAME = "ocrq-export.json"
_SCHEMA = "ocrq-export-1"
_LOCK_NAME = ".ocrq-export.lock"

#: Of one file: `batch`, `document` (path of the scan), `missing_pages`, `sha256` (None: promised).
Entry = dict[str, Any]


def load_index(folder: Path, *, force: bool = False) -> dict[str, Entry]:
    """The entries by the name of their file; none where there is no list.

    Args:
        folder: that was exported to.
        force: take something else under the name of the list for an empty one.

    Raises:
        UsageError: the list is something else.
    """
    path = folder / INDEX_NAME
    try:
        index = json.loads(path.read_text("utf-8"))
        if index["schema"] != _SCHEMA:
            raise ValueError(f"schema {index['schema']!r}")
        files: dict[str, Entry] = dict(index["files"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        if force:
            return {}
        raise UsageError(
            f"{show_path(str(path))} is not a list of exports ({exc}); "
            "choose another --output, or replace with --force"
        ) from exc
    return files


def save_index(folder: Path, files: dict[str, Entry]) -> None:
    """Replace the list.

    Raises:
        StoreError: it cannot be written; the older one stays.
    """
    # ASCII, so that names that are not UTF-8 (lone surrogates) come back as they are.
    text = json.dumps({"schema": _SCHEMA, "files": files}, indent=1)
    write_whole(folder, INDEX_NAME, [text, "\n"])


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else changes the list of this folder meanwhile; hold it for moments.

    Raises:
        StoreError: the file of the lock cannot be made.
    """
    path = folder / _LOCK_NAME
    lock = _take(path)
    try:
        yield
    finally:
        # Before it is let go: who waits for this file then sees that its name is gone.
        _remove(path)
        os.close(lock)


def _take(path: Path) -> int:
    while True:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as exc:
            raise cannot_write(path.parent, exc) from exc
        with suppress(OSError):  # another user's: what a killed export left must not shut us out
            os.fchmod(lock, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # some network file systems have no locks: exports there come one by one
            return lock
        try:
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        except FileNotFoundError:
            pass
        os.close(lock)  # its holder took the name away; who comes next makes a new file


def check_writable(folder: Path) -> None:
    """Find out now, by writing a little, what would otherwise be found out after hours of reading.

    Raises:
        StoreError: nothing can be written there.
    """
    part = _part(folder)
    try:
        part.write_bytes(bytes(4096))  # an empty file fits on a full disk, too
    except OSError as exc:
        raise cannot_write(folder, exc) from exc
    finally:
        _remove(part)


def write_whole(folder: Path, name: str, chunks: Iterable[str] | Iterable[bytes]) -> str:
    """Write a file that appears under its name when it is whole, and return its sha256.

    Args:
        folder: where.
        name: of the file; may hold surrogate escapes.
        chunks: its text or bytes, consumed once.

    Raises:
        StoreError: it cannot be written; an older file of the name stays, and no part of a new one.
    """
    part = _part(folder)
    digest = hashlib.sha256()
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                data = chunk
                if isinstance(data, str):
                    data = data.encode("utf-8", "backslashreplace")
                digest.update(data)
                file.write(data)
        part.replace(folder / name)
    except OSError as exc:
        raise cannot_write(folder / name, exc) from exc
    finally:
        _remove(part)
    return digest.hexdigest()


def _part(folder: Path) -> Path:
    # Not named by the process: every container has the same numbers, and they may share a folder.
    return folder / f".ocrq-{secrets.token_hex(4)}.part"


def _remove(path: Path) -> None:
    with suppress(OSError):  # such as in a folder that cannot be written: that is said already
        path.unlink()


def cannot_write(path: Path, error: OSError) -> StoreError:
    """The error for a file or folder of an export, with what to do."""
    return StoreError(
        f"{show_path(str(path))} cannot be written: {error.strerror}; make room or give this user"
        " the right to write there, or choose another --output"
    )
