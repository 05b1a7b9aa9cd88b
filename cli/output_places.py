"""Places of output, tried before the work: what was read for an hour must find room.

A place that does not fit (its folder is a file, or not there) is a fault of the command; one that
takes no files (rights, a read-only mount, a full disk) is one of the machine.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from cli.display import show_path
from ocrq.errors import OcrqError, StoreError, UsageError

#: What the system says of a path that can be no folder, whoever asks.
_DOES_NOT_FIT = frozenset(
    {
        *(errno.ENOTDIR, errno.EEXIST, errno.ENOENT),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
    }
)


def make_folder(folder: Path | None, option: str) -> None:
    """Make a folder of output, and try whether a file can be made in it.

    Args:
        folder: None: nothing is to be written.
        option: what the caller named it with, for the message.

    Raises:
        UsageError: it can be no folder.
        StoreError: it cannot be made, or written into.
    """
    if folder is None:
        return
    shown = f"{option} {show_path(str(folder))}"
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{shown}: not a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise not_made(shown, exc) from exc
    try:
        _try_folder(folder)
    except OSError as exc:
        raise StoreError(f"{shown}: cannot be written into: {exc.strerror}") from exc


def not_made(shown: str, error: OSError) -> OcrqError:
    """The error for a folder of output that cannot be made."""
    kind = UsageError if error.errno in _DOES_NOT_FIT else StoreError
    return kind(f"{shown}: cannot be made: {error.strerror}")


def check_file(path: Path | None, option: str) -> None:
    """Try whether a file can be written; one that is there stays as it is.

    Args:
        path: None: nothing is to be written.
        option: what the caller named it with, for the message.

    Raises:
        UsageError: its folder is not there.
        StoreError: it cannot be written.
    """
    if path is None:
        return
    shown = f"{option} {show_path(str(path))}"
    if path.exists():
        if not os.access(path, os.W_OK):
            raise StoreError(f"{shown}: cannot be written")
        return
    if not path.parent.is_dir():
        raise UsageError(f"{shown}: there is no such folder; make it first")
    try:
        _try_folder(path.parent)
    except OSError as exc:
        raise StoreError(f"{shown}: cannot be written: {exc.strerror}") from exc


def _try_folder(folder: Path) -> None:
    # Not os.access: it knows nothing of file systems that are full of rules of their own.
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(4096))  # an empty file fits on a full disk, too
