"""Places of output, tried before the work: what was read for an hour must find room."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from cli.display import show_path
from ocrq.errors import UsageError


def make_folder(folder: Path | None, option: str) -> None:
    """Make a folder of output, and try whether a file can be made in it.

    Args:
        folder: None: nothing is to be written.
        option: what the caller named it with, for the message.

    Raises:
        UsageError: it cannot be written into.
    """
    if folder is None:
        return
    shown = f"{option} {show_path(str(folder))}"
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{shown}: not a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try_folder(folder)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:  # has an exit code of its own
            raise
        raise UsageError(f"{shown}: cannot be written into: {exc.strerror}") from exc


def check_file(path: Path | None, option: str) -> None:
    """Try whether a file can be written; one that is there stays as it is.

    Args:
        path: None: nothing is to be written.
        option: what the caller named it with, for the message.

    Raises:
        UsageError: it cannot be written, or its folder is not there.
    """
    if path is None:
        return
    shown = f"{option} {show_path(str(path))}"
    if path.exists():
        if not os.access(path, os.W_OK):
            raise UsageError(f"{shown}: cannot be written")
        return
    if not path.parent.is_dir():
        raise UsageError(f"{shown}: there is no such folder; make it first")
    try:
        _try_folder(path.parent)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise
        raise UsageError(f"{shown}: cannot be written: {exc.strerror}") from exc


def _try_folder(folder: Path) -> None:
    # Not os.access: it knows nothing of file systems that are full of rules of their own.
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(4096))  # an empty file fits on a full disk, too
