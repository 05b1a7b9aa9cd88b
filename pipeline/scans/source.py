"""Opening a scan that may be hostile: only regular files, inside the tree, of a sane size."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.scans.kinds import ACCEPTED, HEAD_BYTES, MediaType, format_named_by, sniff

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open scan; whoever opened it closes `file`."""

    file: BinaryIO  # at position 0, seekable
    path: Path  # absolute; may hold surrogate escapes
    name: str  # base name, fit for messages
    media_type: MediaType
    size_bytes: int
    mtime_ns: int


def shown(path: str | bytes | Path) -> str:
    r"""The base name of a path as printable text: bytes that are not UTF-8 appear as \udcXX.

    >>> shown(b"/scans/caf\xe9\n.tif")
    'caf\\udce9\\n.tif'
    """
    name = Path(os.fsdecode(path)).name or os.fsdecode(path)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def open_source(path: str | bytes, limits: Limits, *, root: str | bytes | None = None) -> Source:
    """Open a scan and tell its format, without reading more than its first kilobyte.

    Args:
        path: `str` may hold surrogate escapes.
        limits: bounds on its size.
        root: directory that the file must not leave through a symbolic link; None: links followed.

    Raises:
        PageError: codes `vanished`, `symlink_broken`, `symlink_outside`, `not_a_file`,
            `no_permission`, `empty`, `file_too_large`, `wrong_content`, `unsupported`.
        OSError: the storage is in trouble; trying again later may work.
    """
    place = Path(os.fsdecode(path)).absolute()
    name = shown(place)
    if root is not None:
        _check_inside(place, Path(os.fsdecode(root)), name)
    file = _open_regular(place, name)
    try:
        found = os.fstat(file.fileno())
        if found.st_size == 0:
            raise PageError("empty", f"{name} has zero bytes; scan or copy it again")
        limits.check_bytes(found.st_size, name)
        media_type = _media_type(file.read(HEAD_BYTES), name)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Source(
        file=file,
        path=place,
        name=name,
        media_type=media_type,
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
    )


def _check_inside(place: Path, root: Path, name: str) -> None:
    # Not Path.resolve(): it raises on links that go in circles, which are told apart later.
    real, real_root = Path(os.path.realpath(place)), Path(os.path.realpath(root))
    if not real.is_relative_to(real_root):
        raise PageError(
            "symlink_outside",
            f"{name} is a link that leads out of the submitted directory; submit its target itself",
        )


def _open_regular(place: Path, name: str) -> BinaryIO:
    try:
        # The type is asked before opening: opening a device can have effects.
        _check_regular(place.stat().st_mode, name)
        # O_NONBLOCK: a pipe that was put here in between must not hold us.
        fd = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as exc:
        known = _why_not(place, name, exc)
        if known is None:
            raise
        raise known from exc
    file = os.fdopen(fd, "rb")
    try:
        _check_regular(os.fstat(fd).st_mode, name)
    except PageError:
        file.close()
        raise
    return file


def _why_not(place: Path, name: str, exc: OSError) -> PageError | None:
    """What an error at opening says about the file; None: the storage is in trouble."""
    if exc.errno == errno.ELOOP and place.is_symlink():
        return PageError("symlink_broken", f"{name} is a link that leads in circles; mend the link")
    if exc.errno == errno.ENOENT and place.is_symlink():
        return PageError("symlink_broken", f"{name} is a link to a file that does not exist")
    if isinstance(exc, PermissionError):
        return PageError(
            "no_permission", f"{name} may not be read by this user; change its permissions"
        )
    # A directory that is gone as well looks like storage that is not mounted just now.
    if isinstance(exc, FileNotFoundError) and place.parent.is_dir():
        return PageError("vanished", f"{name} is not there any more; submit it again")
    return None


def _check_regular(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        kind = next((word for test, word in _KINDS if test(mode)), "not a regular file")
        raise PageError("not_a_file", f"{name} is {kind}, not a file; leave it out")


def _media_type(head: bytes, name: str) -> MediaType:
    media_type = sniff(head)
    if media_type is not None:
        return media_type
    claimed = format_named_by(name)
    if claimed is not None:
        what = "text" if _is_text(head) else "something else"
        raise PageError(
            "wrong_content",
            f"{name} is named like a {claimed} file but holds {what}; save it again as {claimed}",
        )
    raise PageError(
        "unsupported", f"{name} is of a format that ocrq does not read; it reads {ACCEPTED}"
    )


def _is_text(head: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
