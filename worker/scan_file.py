"""The file behind a claim: where this host mounts it, and whether it is still the one submitted."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self

from ocrq.errors import ConfigError, PageError


class Submitted(Protocol):
    """A file as it was when it was submitted."""

    @property
    def size_bytes(self) -> int: ...
    @property
    def mtime_ns(self) -> int: ...
    @property
    def sha256(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMap:
    """Where this host mounts folders that were submitted on another host (OCRQ_PATH_MAP)."""

    pairs: tuple[tuple[bytes, bytes], ...]  # (from, to), longest `from` first, no slash at the end

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read FROM=TO[;FROM=TO].

        >>> PathMap.parse("/scans=/mnt/nas/scans").apply(b"/scans/a.tif")
        b'/mnt/nas/scans/a.tif'
        >>> PathMap.parse("/scans=/mnt/nas").apply(b"/scans2/a.tif")
        b'/scans2/a.tif'

        Raises:
            ConfigError: not of that form, or a path that is not absolute.
        """
        pairs = []
        for part in filter(None, (p.strip() for p in text.split(";"))):
            origin, equals, target = (word.strip() for word in part.partition("="))
            if not equals or not origin.startswith("/") or not target.startswith("/"):
                raise ConfigError(
                    f"OCRQ_PATH_MAP: {part!r} is not FROM=TO with two absolute folders,"
                    " for example /scans=/mnt/nas/scans"
                )
            pairs.append((os.fsencode(origin.rstrip("/")), os.fsencode(target.rstrip("/"))))
        return cls(pairs=tuple(sorted(pairs, key=lambda pair: -len(pair[0]))))

    def apply(self, path: bytes) -> bytes:
        """The path on this host."""
        for origin, target in self.pairs:
            if path == origin or path.startswith(origin + b"/"):
                return target + path[len(origin) :]
        return path


def check_unchanged(submitted: Submitted, path: str) -> None:
    """Make sure that the file is the one that was submitted.

    A copy with another time (a restored backup, another mount) passes by its hash.

    Args:
        submitted: what was submitted.
        path: where the file is on this host.

    Raises:
        PageError: codes `vanished` and `changed`.
        OSError: the storage is in trouble.
    """
    name = ascii(Path(path).name)[1:-1]
    try:
        found = Path(path).stat()
    except FileNotFoundError as exc:
        # A folder that is gone as well looks like storage that is not mounted just now.
        if not Path(path).parent.is_dir():
            raise
        raise PageError("vanished", f"{name} is not there any more; submit it again") from exc
    if (found.st_size, found.st_mtime_ns) == (submitted.size_bytes, submitted.mtime_ns):
        return
    same_hash = (
        submitted.sha256 is not None
        and found.st_size == submitted.size_bytes
        and _sha256(path, found.st_size, found.st_mtime_ns) == submitted.sha256
    )
    if not same_hash:
        raise PageError("changed", f"{name} was changed after it was submitted; submit it again")


def check_loaded(submitted: Submitted, path: str) -> None:
    """Make sure that what was loaded just now was the file that `check_unchanged` let pass.

    It may have been replaced or written to in between. One that is gone was not replaced.

    Raises:
        PageError: code `changed`.
        OSError: the storage is in trouble.
    """
    if Path(path).exists():
        check_unchanged(submitted, path)


@lru_cache(maxsize=4)  # the pages of one long file come one after the other
def _sha256(path: str, size_bytes: int, mtime_ns: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
