"""The folder that an export is written into: whole files, and nothing of anybody else's replaced.

`ocrq-export.json` in the folder lists what ocrq wrote there: the batch and scan of each file, its
pages without a reading, and its checksum. A file is replaced only when the list says that it comes
from the same scan and its content is still what ocrq wrote; `--force` replaces any file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cli.display import count_of, show_path
from ocrq.errors import StoreError, UsageError

INDEX_NAME = "ocrq-export.json"
_INDEX_SCHEMA = "ocrq-export-1"
_SAVE_EVERY_FILES = 1000  # what an export that is killed forgets at most


class ExportFolder:
    """Writes the files of one batch into a folder.

    Args:
        folder: made when it does not exist.
        batch: name of the batch, for the list.
        force: replace whatever has the name of a file of this export.
    """

    def __init__(self, folder: Path, *, batch: str, force: bool = False) -> None:
        self.folder = folder
        self._batch = batch
        self._force = force
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise UsageError(
                f"the folder {show_path(str(folder))} cannot be made: {exc.strerror}"
            ) from exc
        self._files = self._load_index()
        self._unsaved = 0

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

    def write(
        self, name: str, chunks: Iterable[str], *, document: str, missing_pages: Sequence[int]
    ) -> None:
        """Write one file: it appears under its name when it is whole.

        Args:
            name: of the file; may hold surrogate escapes.
            chunks: its text, consumed once.
            document: path of the scan; may hold surrogate escapes.
            missing_pages: numbers of the pages without a reading; read after the chunks are
                consumed, so it may be filled by them.
        """
        part = self.folder / f".ocrq-{os.getpid()}.part"
        try:
            checksum = _write_chunks(part, chunks)
            part.replace(self.folder / name)
        except OSError as exc:
            raise StoreError(
                f"{show_path(str(self.folder / name))} cannot be written: {exc.strerror}"
            ) from exc
        finally:
            part.unlink(missing_ok=True)
        self._files[name] = {
            "batch": self._batch,
            "document": document,
            "missing_pages": list(missing_pages),
            "sha256": checksum,
        }
        self._unsaved += 1
        if self._unsaved >= _SAVE_EVERY_FILES:
            self.save_index()

    def save_index(self) -> None:
        """Bring the list of files to disk."""
        index = {"schema": _INDEX_SCHEMA, "files": self._files}
        part = self.folder / f".ocrq-{os.getpid()}.part"
        # ASCII, so that names that are not UTF-8 (lone surrogates) come back as they are.
        _write_chunks(part, [json.dumps(index, indent=1), "\n"])
        part.replace(self.folder / INDEX_NAME)
        self._unsaved = 0

    def _may_replace(self, name: str, document: str) -> bool:
        path = self.folder / name
        if not path.exists() and not path.is_symlink():
            return True
        entry = self._files.get(name)
        return (
            entry is not None
            and entry.get("document") == document
            and path.is_file()
            and entry.get("sha256") == _checksum(path)
        )

    def _load_index(self) -> dict[str, dict[str, Any]]:
        path = self.folder / INDEX_NAME
        try:
            index = json.loads(path.read_text("utf-8"))
            if index["schema"] != _INDEX_SCHEMA:
                raise ValueError(f"schema {index['schema']!r}")
            files: dict[str, dict[str, Any]] = dict(index["files"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as exc:
            if self._force:
                return {}
            raise UsageError(
                f"{show_path(str(path))} is not a list of exports ({exc}); "
                "choose another --output, or replace with --force"
            ) from exc
        return files


def _write_chunks(path: Path, chunks: Iterable[str]) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for data in _encoded(chunks):
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def _encoded(chunks: Iterable[str]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk.encode("utf-8", "backslashreplace")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
