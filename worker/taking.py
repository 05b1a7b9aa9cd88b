"""Taking in what the walk found: look into each file, write 500 of them in a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from store.batches import Batch
from store.database import Database
from store.intake import (
    IntakeCounts,
    KnownDocument,
    NewDocument,
    OnDuplicate,
    add_documents,
    known_documents,
    known_hashes,
    newest_document,
)
from worker.prober import Prober
from worker.walk import Found, FoundFile, LeftOut

#: Files in one transaction, and how long the first of them waits for the others at most.
FILES_PER_COMMIT = 500
_COMMIT_EVERY_S = 3.0
_SKIPPED = "the same content is read or queued already, and --on-duplicate skip"
#: Names of files in a summary; the rest is counted.
_NAMED_IN_SUMMARY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeProgress:
    """How far a submit is."""

    files: int = 0  # looked at so far, the known ones included
    pages: int = 0  # queued so far
    failed: int = 0  # pages so far that can not be read
    path: bytes = b""  # the last file


class Known(Protocol):
    """A file as it was when it was taken."""

    @property
    def size_bytes(self) -> int: ...
    @property
    def mtime_ns(self) -> int: ...
    @property
    def sha256(self) -> str | None: ...


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts while a submit runs."""

    files: int = 0
    documents: int = 0
    pages: int = 0
    duplicates: int = 0
    known: int = 0
    failed_count: int = 0
    left_out_count: int = 0
    failed: list[tuple[bytes, int, str, str]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def leave_out(self, entry: LeftOut) -> None:
        self.left_out_count += 1
        if len(self.left_out) < _NAMED_IN_SUMMARY:
            self.left_out.append(entry)

    def note_failures(self, document: NewDocument) -> None:
        for page in document.pages:
            if page.error_code is None:
                continue
            self.failed_count += 1
            if len(self.failed) < _NAMED_IN_SUMMARY:
                self.failed.append((document.path, page.number, page.error_code, page.error or ""))


@dataclass(slots=True, kw_only=True)
class Taker:
    """Takes what the walk found, 500 files at a time."""

    db: Database | None
    batch: Batch | None
    on_duplicate: OnDuplicate
    prober: Prober
    tally: Tally
    on_progress: Callable[[IntakeProgress], None]
    on_commit: Callable[[int, bool], None]
    should_stop: Callable[[], bool]
    waits_for_others: bool = True  # for content that another batch has not read yet
    _waiting: list[NewDocument] = field(default_factory=list)
    _waiting_pages: int = 0
    _waiting_failed: int = 0
    _failed: dict[bytes, KnownDocument] = field(default_factory=dict)
    _newest: int | None = None  # the last document of the batch when this began
    _committed_s: float = field(default_factory=time.monotonic)

    def take_all(self, found: Iterator[Found]) -> bool:
        """Take everything; False when it was told to stop before the end."""
        if self.db is not None and self.batch is not None:
            self._newest = newest_document(self.db, self.batch.id)
        while chunk := list(islice(found, FILES_PER_COMMIT)):
            files = [entry for entry in chunk if isinstance(entry, FoundFile)]
            paths = [file.path for file in files]
            known = self._known(paths)
            hashes = self._hashes(paths)
            for entry in chunk:
                if self.should_stop():
                    self._commit(more=True)
                    return False
                if isinstance(entry, LeftOut):
                    self.tally.leave_out(entry)
                else:
                    digest = hashes.get((entry.path, entry.size_bytes, entry.mtime_ns))
                    self._take(entry, known.get(entry.path), digest)
            self._commit(more=len(chunk) == FILES_PER_COMMIT)
        return True

    def _known(self, paths: list[bytes]) -> Mapping[bytes, Known]:
        """What need not be looked into; of what failed because of its file the intake decides."""
        if self.db is None or self.batch is None:
            return {}
        known = known_documents(self.db, self.batch.id, paths)
        self._failed = {path: found for path, found in known.items() if found.is_failed}
        return {path: found for path, found in known.items() if not found.is_failed}

    def _hashes(self, paths: list[bytes]) -> Mapping[tuple[bytes, int, int], str]:
        return known_hashes(self.db, paths) if self.db is not None else {}

    def _take(self, file: FoundFile, known: Known | None, digest: str | None) -> None:
        self.tally.files += 1
        if known is not None and (known.size_bytes, known.mtime_ns) == (
            file.size_bytes,
            file.mtime_ns,
        ):
            self.tally.known += 1
        else:
            document = self.prober.probe(file, digest)
            if self._is_wanted(document, known):
                self._waiting.append(document)
                self._waiting_pages += _readable(document)
                self._waiting_failed += len(document.pages) - _readable(document)
            else:
                self.tally.known += 1
            if time.monotonic() - self._committed_s > _COMMIT_EVERY_S:
                self._commit(more=True)
        self.on_progress(
            IntakeProgress(
                files=self.tally.files,
                pages=self.tally.pages + self._waiting_pages,
                failed=self.tally.failed_count + self._waiting_failed,
                path=file.path,
            )
        )

    def _is_wanted(self, document: NewDocument, known: Known | None) -> bool:
        """Whether a file that is new, or not as it was, is to be read."""
        return True

    def _write(self, documents: list[NewDocument]) -> IntakeCounts | None:
        """Commit documents; None: this is a dry run."""
        if self.db is None or self.batch is None:
            return None
        return add_documents(
            self.db,
            self.batch,
            documents,
            on_duplicate=self.on_duplicate,
            waits_for_others=self.waits_for_others,
        )

    def _commit(self, *, more: bool) -> None:
        self._committed_s = time.monotonic()
        if not self._waiting:
            return
        documents, self._waiting = self._waiting, []
        self._waiting_pages = self._waiting_failed = 0
        counts = self._write(documents)
        others = set(() if counts is None else counts.known_at)
        for place, document in enumerate(documents):
            if place not in others or self._has_failed_before(document):
                self.tally.note_failures(document)
        if counts is None:
            self.tally.documents += len(documents)
            self.tally.pages += sum(_readable(d) for d in documents)
            return
        queued = counts.pages - counts.failed
        self.tally.documents += counts.documents
        self.tally.pages += queued
        self.tally.duplicates += counts.duplicates + counts.skipped
        self.tally.known += counts.known
        for path in counts.skipped_paths:
            self.tally.leave_out(LeftOut(path=path, reason=_SKIPPED))
        self.on_commit(queued, more)

    def _has_failed_before(self, document: NewDocument) -> bool:
        """Whether a document was there when this began: not that of a submit beside this one."""
        before = self._failed.get(document.path)
        return before is not None and before.document_id <= (self._newest or 0)


def _readable(document: NewDocument) -> int:
    return sum(page.error_code is None for page in document.pages)
