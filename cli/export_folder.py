"""The folder that an export is written into: whole files, and nothing of anybody else's replaced.

A file is replaced only when the list of the folder (`cli/export_index.py`) says that it comes from
the same scan, and its content is still what ocrq wrote, or an export that was killed had promised
it; `--force` replaces any file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cli.display import count_of, show_path
from cli.export_index import Entry, check_writable, load_index, locked, save_index, write_whole
from cli.output_places import not_made
from ocrq.errors import OcrqError, UsageError

_SAVE_EVERY_FILES = 1000
_SAVES = 10  # of an export at most: a list of a million files takes seconds each time


class ExportFolder:
    """Writes the files of one batch into a folder.

    Args:
        folder: made when it does not exist.
        batch: name of the batch, for the list.
        force: replace whatever has the name of a file of this export.

    Raises:
        UsageError: it can be no folder, or its list is something else.
        StoreError: it cannot be made, or nothing can be written there.
    """

    def __init__(self, folder: Path, *, batch: str, force: bool = False) -> None:
        self.folder = folder
        self._batch = batch
        self._force = force
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise not_made(f"the folder {show_path(str(folder))}", exc) from exc
        check_writable(folder)
        self._files = load_index(folder, force=force)
        self._promised: dict[str, Entry | None] = {}  # what the list had before, by name
        self._unsaved: dict[str, Entry] = {}
        self._removed: set[str] = set()

    def check(self, planned: Iterable[tuple[str, str]]) -> None:
        """Refuse, before anything is written, to replace a file that is not ours to replace.

        Args:
            planned: name of each file, and the path of the scan that it will be made from.

        Raises:
            UsageError: names the first of those files and the ways out.
        """
        if self._force:
            return
        foreign = [name for name, document in planned if not self._may_replace(name, document)]
        if foreign:
            shown = ", ".join(show_path(name) for name in foreign[:3])
            more = f" and {count_of(len(foreign) - 3, 'other')}" if len(foreign) > 3 else ""
            raise UsageError(
                f"{show_path(str(self.folder))} holds {shown}{more}, not written by ocrq for the "
                "same scan, or changed since; choose another --output, or replace with --force"
            )

    @contextmanager
    def promised(self, planned: Iterable[tuple[str, str]]) -> Iterator[None]:
        """Check these files and note them as ours, then let them be written.

        Killed meanwhile, the next export of the same scans may replace what there is. What was not
        written in the end is promised no more.

        Args:
            planned: as for `check`.

        Raises:
            UsageError: as `check`; nothing is noted then.
            StoreError: the list cannot be written.
        """
        self._promise(list(planned))
        try:
            yield
        except BaseException:
            # What went wrong first tells more, and a promise that stays does no harm.
            with suppress(OcrqError):
                self._settle()
            raise
        self._settle()

    def write(
        self,
        name: str,
        chunks: Iterable[str] | Iterable[bytes],
        *,
        document: str,
        missing_pages: Sequence[int],
    ) -> None:
        """Write one file: it appears under its name when it is whole.

        Args:
            name: of the file; may hold surrogate escapes.
            chunks: its text or bytes, consumed once.
            document: path of the scan; may hold surrogate escapes.
            missing_pages: numbers of the pages without a reading; read after the chunks are
                consumed, so it may be filled by them.

        Raises:
            StoreError: it cannot be written.
        """
        checksum = write_whole(self.folder, name, chunks)
        self._unsaved[name] = {
            "batch": self._batch,
            "document": document,
            "missing_pages": list(missing_pages),
            "sha256": checksum,
        }
        self._promised.pop(name, None)
        if len(self._unsaved) >= max(_SAVE_EVERY_FILES, len(self._files) // _SAVES):
            self.save_index()

    def remove_stale(self, names: Iterable[str], document: str) -> list[str]:
        """Remove what an earlier export wrote for pages that the scan does not have any more.

        Args:
            names: of files that are not written any more; looked at until the first two that the
                list does not have.
            document: path of the scan; may hold surrogate escapes.

        Returns:
            The names of the removed files. One that was changed since it was written stays.
        """
        removed, unknown = [], 0
        for name in names:
            entry = self._files.get(name)
            if entry is None:
                unknown += 1
                if unknown == 2:
                    break
            elif self._is_unchanged(name, entry, document):
                with suppress(OSError):
                    (self.folder / name).unlink()
                    removed.append(name)
        self._removed.update(removed)
        return removed

    def save_index(self) -> None:
        """Bring what was written into the list on disk.

        Raises:
            StoreError: the list cannot be written.
        """
        with locked(self.folder):
            self._merge()
            self._save()

    def _promise(self, planned: Sequence[tuple[str, str]]) -> None:
        with locked(self.folder):
            self._files = load_index(self.folder, force=self._force)
            self.check(planned)
            for name, document in planned:
                before = self._files.get(name)
                self._promised[name] = before
                self._files[name] = {
                    "missing_pages": [],
                    **(before or {}),
                    "batch": self._batch,
                    "document": document,
                    "sha256": None,
                }
            self._save()

    def _settle(self) -> None:
        with locked(self.folder):
            self._merge()
            for name, before in self._promised.items():
                if not _is_promise(self._files.get(name)):
                    continue  # another export wrote it
                if before is None:
                    del self._files[name]
                else:
                    self._files[name] = before
            self._save()

    def _merge(self) -> None:
        """Read the list anew, and add what was written since it was saved."""
        self._files = load_index(self.folder, force=self._force)
        for name, entry in self._unsaved.items():
            theirs = self._files.get(name)
            # Another export of this file has ended since ours promised it: whose is there?
            is_doubtful = theirs is not None and not _is_promise(theirs)
            if not is_doubtful or _checksum(self.folder / name) == entry["sha256"]:
                self._files[name] = entry
        for name in self._removed:
            if not (self.folder / name).exists():
                self._files.pop(name, None)

    def _save(self) -> None:
        save_index(self.folder, self._files)
        self._unsaved = {}

    def _may_replace(self, name: str, document: str) -> bool:
        path = self.folder / name
        is_there = path.exists() or path.is_symlink()
        entry = self._files.get(name)
        if entry is not None and _is_promise(entry):
            return entry.get("document") == document and (path.is_file() or not is_there)
        return not is_there or (
            entry is not None and path.is_file() and self._is_unchanged(name, entry, document)
        )

    def _is_unchanged(self, name: str, entry: Entry, document: str) -> bool:
        written = entry.get("sha256")
        return (
            entry.get("document") == document
            and written is not None
            and written == _checksum(self.folder / name)
        )


def _is_promise(entry: Entry | None) -> bool:
    return entry is not None and entry.get("sha256", "") is None


def _checksum(path: Path) -> str | None:
    """None for a file that is not there or not to be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
