"""Submit: files and folders become documents and pages in SQL, 500 files a transaction.

An interrupted submit leaves an unsealed batch; the same submit again goes on where it stopped,
because every file is known by (batch, path, size, mtime).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from ocrq.config import Settings
from ocrq.errors import ConfigError, UsageError
from ocrq.types import PageOptions
from pipeline.engines.registry import engine_info
from store.batches import Batch, open_batch, seal_batch
from store.database import Database
from store.foreseeing import foresee_batch, foresee_documents
from store.intake import IntakeCounts, NewDocument, OnDuplicate
from store.windows import Window
from worker.at_work import AtWork
from worker.options import new_worker_name
from worker.prober import Prober
from worker.taking import IntakeProgress, Taker, Tally
from worker.walk import LeftOut, walk

__all__ = ["IntakeProgress", "OnDuplicate", "SubmitOptions", "SubmitSummary", "submit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOptions:
    """What `ocrq submit` and `ocrq run` are told."""

    page: PageOptions = field(default_factory=PageOptions)
    batch: str | None = None  # None: a name is made from the date
    priority: int = 5  # 0..9, 9 soonest
    recursive: bool = True
    on_duplicate: OnDuplicate = "link"
    window: Window | None = None  # the hours in which the pages are read; None: always
    waits_for_others: bool = True  # a copy of what another batch has not read yet is linked to it


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
        db: the database; may be None (not there yet) for a dry run, which only reads it.
        settings: limits on files and on looking into them.
        paths: files and folders.
        options: how they are to be read and recorded.
        on_progress: called after every file.
        on_batch: called once when the batch exists.
        on_commit: called after each transaction with the number of pages it queued (a dry run:
            would have queued), and whether there are more files to look into.
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
    name = new_worker_name()  # among all that fill this batch
    batch = known = None
    if dry_run:
        known = foresee_batch(
            db,
            name=options.batch,
            options=options.page,
            options_hash=options_hash,
            window=options.window,
        )
    else:
        if db is None:
            raise ConfigError("a submit that is not a dry run needs a database")
        batch = open_batch(
            db,
            name=options.batch,
            options=options.page,
            options_hash=options_hash,
            priority=options.priority,
            window=options.window,
            submit=name,
        )
    tally = Tally()
    with ExitStack() as work:
        if db is not None and batch is not None:
            work.enter_context(AtWork(db, name))
            on_batch(batch)
        prober = work.enter_context(Prober(settings))
        taker = partial(_DryTaker, options_hash=options_hash) if dry_run else Taker
        intake = taker(
            db=db,
            batch=batch or known,
            on_duplicate=options.on_duplicate,
            prober=prober,
            tally=tally,
            on_progress=on_progress,
            on_commit=on_commit,
            should_stop=should_stop,
            waits_for_others=options.waits_for_others,
        )
        interrupted = not intake.take_all(found)
        if db is not None and batch is not None and not interrupted:
            seal_batch(db, batch.id, name)
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
class _DryTaker(Taker):
    """Counts what a submit would take; the database is read only."""

    options_hash: str
    _taken: set[str] = field(default_factory=set)

    def _write(self, documents: list[NewDocument]) -> IntakeCounts:
        return foresee_documents(
            self.db, self.options_hash, documents, self.on_duplicate, self._taken, self._failed
        )
