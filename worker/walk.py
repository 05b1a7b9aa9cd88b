"""What is taken from the paths of a submit: every file in stable order, and what is left out.

Nothing is skipped in silence: each entry comes out as a file to look into, or with the reason why
it is left out. Hidden entries and the usual companions of scans (text, metadata, checksums, PDFs
that ocrq exported) are left out of folders; a path that was named itself is always taken.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from export.pdf_file import HEAD as EXPORTED_PDF
from ocrq.errors import UsageError

#: Files that lie beside scans and are not scans, by the end of their name.
SIDECAR_SUFFIXES = frozenset(
    {
        *(".txt", ".xml", ".json", ".csv", ".tsv", ".md", ".html", ".htm", ".log"),
        *(".hocr", ".alto", ".xmp", ".md5", ".sha1", ".sha256", ".sha512"),
    }
)
#: Files that desktops leave behind.
LITTER = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file to look into; `size_bytes` and `mtime_ns` as the directory tells them."""

    path: bytes  # absolute, as named: links are not resolved
    root: bytes | None  # directory that a link may not leave; None: the path was named itself
    size_bytes: int = 0
    mtime_ns: int = 0
    error_code: str | None = None  # why it can not even be looked at
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An entry that is not taken, and why in one short phrase."""

    path: bytes
    reason: str


Found = FoundFile | LeftOut


def walk(
    paths: Sequence[str | bytes | os.PathLike[str]],
    *,
    recursive: bool = True,
    exclude: bytes | None = None,
) -> Iterator[Found]:
    """Go through files and folders in the order of their names' bytes, each of them once.

    What is named itself and lies in a named folder too is taken as named itself.

    Args:
        paths: files and folders; `str` may hold surrogate escapes.
        recursive: look into folders below the named ones.
        exclude: a folder that is left out: ocrq's own data, should it lie among the scans.

    Raises:
        UsageError: a path does not exist; raised at once, before anything is yielded.
    """
    named = [os.path.abspath(os.fsencode(path)) for path in paths]  # noqa: PTH100
    for path in named:
        if not os.path.lexists(path):
            raise UsageError(f"{os.fsdecode(path)!r} does not exist")
    return _walk_named(tuple(dict.fromkeys(named)), recursive, exclude)


def _walk_named(
    named: tuple[bytes, ...], recursive: bool, exclude: bytes | None
) -> Iterator[Found]:
    others = frozenset(named)
    for path in named:
        if os.path.isdir(path):  # noqa: PTH112
            yield from _walk_tree(path, others, recursive, exclude)
        else:
            yield found_file(path, None)


def _walk_tree(
    root: bytes, named: frozenset[bytes], recursive: bool, exclude: bytes | None
) -> Iterator[Found]:
    # A stack of listings rather than recursion: how deep it goes is up to the user.
    stack: list[Iterator[Found | bytes]] = [_folder(root, root, named, recursive, exclude)]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
        elif isinstance(entry, bytes):
            stack.append(_folder(entry, root, named, recursive, exclude))
        else:
            yield entry


def _folder(
    folder: bytes,
    root: bytes,
    named: frozenset[bytes],
    recursive: bool,
    exclude: bytes | None,
) -> Iterator[Found | bytes]:
    """One folder's entries in order; a folder to descend into comes as its path."""
    try:
        with os.scandir(folder) as entries:
            listing = sorted(entries, key=lambda entry: entry.name)
    except OSError as exc:
        yield FoundFile(
            path=folder,
            root=root,
            error_code="unreadable_folder",
            error=f"the folder cannot be listed ({exc.strerror}); change its permissions",
        )
        return
    for entry in listing:
        if entry.path in named:
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        reason = _reason_to_leave_out(entry, is_folder, exclude)
        if reason is not None:
            yield LeftOut(path=entry.path, reason=reason)
        elif is_folder and recursive:
            yield entry.path
        elif is_folder:
            yield LeftOut(path=entry.path, reason="a folder below, and --no-recursive")
        elif entry.is_symlink() and os.path.isdir(entry.path):  # noqa: PTH112
            yield _linked_folder(entry.path, root)
        else:
            yield found_file(entry.path, root)


def _reason_to_leave_out(
    entry: os.DirEntry[bytes], is_folder: bool, exclude: bytes | None
) -> str | None:
    name = os.fsdecode(entry.name).lower()
    if exclude is not None and entry.path == exclude:
        return "ocrq's own data"
    if name.startswith("."):
        return "hidden"
    if name in LITTER:
        return "left behind by a desktop"
    suffix = PurePath(name).suffix
    if suffix in SIDECAR_SUFFIXES and not is_folder:
        return f"a {suffix} file beside scans"
    if suffix == ".pdf" and _is_exported(entry):
        return "a PDF that ocrq export wrote; name it itself to read it"
    return None


def _is_exported(entry: os.DirEntry[bytes]) -> bool:
    """Whether it is one of ours: a nightly run must not take its own output for new scans."""
    try:
        if not entry.is_file(follow_symlinks=False):
            return False
        with open(entry.path, "rb") as file:  # noqa: PTH123
            return file.read(len(EXPORTED_PDF)) == EXPORTED_PDF
    except OSError:
        return False  # the prober says what is wrong


def _linked_folder(path: bytes, root: bytes) -> Found:
    """Links to folders are not followed: they may go in circles, or out of the tree."""
    real, real_root = os.path.realpath(path), os.path.realpath(root)
    if os.path.commonpath([real, real_root]) == real_root:
        return LeftOut(path=path, reason="a link to a folder that is visited at its own place")
    return FoundFile(
        path=path,
        root=root,
        error_code="symlink_outside",
        error="a link to a folder outside of the submitted one; submit that folder itself",
    )


def found_file(path: bytes, root: bytes | None) -> FoundFile:
    """A file as its directory tells it."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return FoundFile(path=path, root=root)  # a broken link; the prober says what is wrong
    if not stat.S_ISREG(found.st_mode):
        return FoundFile(path=path, root=root, mtime_ns=found.st_mtime_ns)
    return FoundFile(path=path, root=root, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)
