"""Submit: files and folders become documents and pages in SQL, 500 files a transaction.

An interrupted submit leaves an unsealed batch; the same submit again goes on where it stopped,
because every file is known by (batch, path, size, mtime).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from ocrq.config import Settings
from ocrq.errors import ConfigError, UsageError
from ocrq.types import PageOptions
from pipeline.engines.registry import engine_info
from store.batches import Batch, open_batch, seal_batch
from store.database import Database
from store.intake import (
    KnownDocument,
    NewDocument,
    add_documents,
    known_documents,
    known_hashes,
)
from worker.prober import Prober
from worker.walk import Found, FoundFile, LeftOut, walk

OnDuplicate = Literal["link", "again", "skip"]

#: Files in one transaction, and how long the first of them waits for the others at most.
FILES_PER_COMMIT = 500
_COMMIT_EVERY_S = 3.0
#: Names of files in a summary; the rest is counted.
_NAMED_IN_SUMMARY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOptions:
    """What `ocrq submit` and `ocrq run` are told."""

    page: PageOptions = field(default_factory=PageOptions)
    batch: str | None = None  # None: a name is made from the date
    priority: int = 5  # 0..9, 9 soonest
    recursive: bool = True
    on_duplicate: OnDuplicate = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeProgress:
    """How far a submit is."""

    files: int = 0  # looked at so far, the known ones included
    pages: int = 0  # queued so far
    failed: int = 0  # pages so far that can not be read
    path: bytes = b""  # the last file


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSummary:
    """What a submit did; with `dry_run` what it would do."""

    batch_id: int | None  # None: dry run, no batch was made
    batch_name: str | None
    files: int  # taken or known already
    documents: int  # new ones, failed ones included, duplicates not
    pages: int  # queued
    failed: tuple[tuple[bytes, int, str, str], ...]  # (path, page, code, sentence), the first 1000
    failed_count: int  # pages that can not be read
    duplicates: int
    known: int  # were in the batch already
    left_out: tuple[LeftOut, ...]  # the first 1000
    left_out_count: int
    elapsed_s: float
    dry_run: bool = False
    interrupted: bool = False  # stopped on request: the batch is not sealed


@dataclass(slots=True, kw_only=True)
class _Tally:
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


def _nothing(_progress: IntakeProgress) -> None:
    pass


def _never() -> bool:
    return False


def submit(
    db: Database | None,
    settings: Settings,
    paths: Sequence[str | bytes | os.PathLike[str]],
    options: SubmitOptions,
    on_progress: Callable[[IntakeProgress], None] = _nothing,
    *,
    on_batch: Callable[[Batch], None] = lambda batch: None,
    on_commit: Callable[[int, bool], None] = lambda pages, more: None,
    should_stop: Callable[[], bool] = _never,
    dry_run: bool = False,
) -> SubmitSummary:
    """Record files and folders as a batch.

    Args:
        db: the database; may be None (not there yet) for a dry run, which writes nothing.
        settings: limits on files and on looking into them.
        paths: files and folders.
        options: how they are to be read and recorded.
        on_progress: called after every file.
        on_batch: called once when the batch exists.
        on_commit: called after each transaction with the number of pages it queued, and whether
            there are more files to look into.
        should_stop: asked between files; True ends the submit early, unsealed.
        dry_run: look only.

    Raises:
        UsageError: a path does not exist, the engine is unknown, or the batch exists with other
            options; nothing was written.
        ModelError: the engine's model is not there.
        StoreError: the database refused.
    """
    started_s = time.monotonic()
    if not paths:
        raise UsageError("nothing to submit: name files or folders")
    found = walk(paths, recursive=options.recursive, exclude=os.fsencode(settings.home))
    options_hash = options.page.fingerprint(engine_info(options.page.engine).weights_sha256)
    batch = None
    if not dry_run:
        if db is None:
            raise ConfigError("a submit that is not a dry run needs a database")
        batch = open_batch(
            db,
            name=options.batch,
            options=options.page,
            options_hash=options_hash,
            priority=options.priority,
        )
        on_batch(batch)
    tally = _Tally()
    with Prober(settings) as prober:
        intake = _Intake(
            db=db,
            batch=batch,
            on_duplicate=options.on_duplicate,
            prober=prober,
            tally=tally,
            on_progress=on_progress,
            on_commit=on_commit,
            should_stop=should_stop,
        )
        interrupted = not intake.take_all(found)
    if db is not None and batch is not None and not interrupted:
        seal_batch(db, batch.id)
    return SubmitSummary(
        batch_id=batch.id if batch else None,
        batch_name=batch.name if batch else options.batch,
        files=tally.files,
        documents=tally.documents,
        pages=tally.pages,
        failed=tuple(tally.failed),
        failed_count=tally.failed_count,
        duplicates=tally.duplicates,
        known=tally.known,
        left_out=tuple(tally.left_out),
        left_out_count=tally.left_out_count,
        elapsed_s=time.monotonic() - started_s,
        dry_run=dry_run,
        interrupted=interrupted,
    )


@dataclass(slots=True, kw_only=True)
class _Intake:
    """Takes what the walk found, 500 files at a time."""

    db: Database | None
    batch: Batch | None
    on_duplicate: OnDuplicate
    prober: Prober
    tally: _Tally
    on_progress: Callable[[IntakeProgress], None]
    on_commit: Callable[[int, bool], None]
    should_stop: Callable[[], bool]
    _waiting: list[NewDocument] = field(default_factory=list)
    _waiting_pages: int = 0
    _committed_s: float = field(default_factory=time.monotonic)

    def take_all(self, found: Iterator[Found]) -> bool:
        """Take everything; False when it was told to stop before the end."""
        while chunk := list(islice(found, FILES_PER_COMMIT)):
            files = [entry for entry in chunk if isinstance(entry, FoundFile)]
            paths = [file.path for file in files]
            known = self._known(paths)
            hashes = known_hashes(self.db, paths) if self.db is not None else {}
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

    def _known(self, paths: list[bytes]) -> dict[bytes, KnownDocument]:
        if self.db is None or self.batch is None:
            return {}
        return known_documents(self.db, self.batch.id, paths)

    def _take(self, file: FoundFile, known: KnownDocument | None, digest: str | None) -> None:
        self.tally.files += 1
        if known is not None and (known.size_bytes, known.mtime_ns) == (
            file.size_bytes,
            file.mtime_ns,
        ):
            self.tally.known += 1
        else:
            document = self.prober.probe(file, digest)
            self.tally.note_failures(document)
            self._waiting.append(document)
            self._waiting_pages += _readable(document)
            if time.monotonic() - self._committed_s > _COMMIT_EVERY_S:
                self._commit(more=True)
        self.on_progress(
            IntakeProgress(
                files=self.tally.files,
                pages=self.tally.pages + self._waiting_pages,
                failed=self.tally.failed_count,
                path=file.path,
            )
        )

    def _commit(self, *, more: bool) -> None:
        self._committed_s = time.monotonic()
        if not self._waiting:
            return
        documents, self._waiting, self._waiting_pages = self._waiting, [], 0
        if self.db is None or self.batch is None:
            self.tally.documents += len(documents)
            self.tally.pages += sum(_readable(d) for d in documents)
            return
        counts = add_documents(self.db, self.batch, documents, on_duplicate=self.on_duplicate)
        failed = sum(len(d.pages) - _readable(d) for d in documents)
        self.tally.documents += counts.documents
        self.tally.pages += max(0, counts.pages - failed)
        self.tally.duplicates += counts.duplicates + counts.skipped
        self.on_commit(counts.pages - failed, more)


def _readable(document: NewDocument) -> int:
    return sum(page.error_code is None for page in document.pages)
