"""What an export wrote, and what it could not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPage:
    """A page that the export does not hold, and why."""

    path: bytes
    number: int
    state: str
    error_code: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostScan:
    """A document without the PDF that was asked for: its scan cannot be shown."""

    path: bytes
    error_code: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSummary:
    """What an export wrote."""

    folder: str
    documents: int
    files: int
    pages: int
    missing: tuple[MissingPage, ...]
    renamed: tuple[tuple[bytes, bytes], ...]  # (path of the scan, stem of its files)
    unread: tuple[bytes, ...]  # documents without any reading: only formats that say why
    superseded: tuple[bytes, ...]  # documents left out: a newer scan of the same file is there
    set_aside: tuple[bytes, ...]  # left out: unread, and the file or a folder's files came later
    lost_scans: tuple[LostScan, ...] = ()
    removed: tuple[str, ...] = ()  # files of pages that their documents do not have any more

    @property
    def is_whole(self) -> bool:
        """Whether everything that was asked for is there."""
        return not (self.missing or self.lost_scans)
