"""`ocrq run`: submit and read in one go, with a worker of its own that claims only this batch.

The worker always uses `memory://`, on whatever database, so a run is safe beside other workers
(which may help with its pages) and needs no broker.
"""

from __future__ import annotations

import dataclasses
import os
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ocrq.config import Settings
from ocrq.errors import ExitCode, StoreError, StoreUnavailable
from store.batches import Batch, BatchState, finish_batches
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.progress import BatchProgress, batch_progress
from store.taking_over import take_over_unread
from worker.device import choose_device
from worker.intake import IntakeProgress, SubmitOptions, SubmitSummary, submit
from worker.interrupts import Interrupts
from worker.options import Device, WorkerOptions, new_worker_name
from worker.processes import usable_cores
from worker.supervisor import Supervisor

_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What `ocrq run` is told."""

    submit: SubmitOptions = field(default_factory=SubmitOptions)
    concurrency: int | None = None  # None: one a core on CPU, one on a GPU
    device: Device = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a run is; `batch` is None until the first pages are written down."""

    intake: IntakeProgress
    intake_is_complete: bool
    batch: BatchProgress | None
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run did."""

    submit: SubmitSummary
    batch: BatchProgress
    interrupted: bool
    released: int  # pages given back unread when it was interrupted
    elapsed_s: float

    @property
    def exit_code(self) -> ExitCode:
        """DONE, SOME_PAGES_FAILED, or INTERRUPTED (the same command again goes on)."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.batch.lost:
            return ExitCode.SOME_PAGES_FAILED
        return ExitCode.DONE


def _nothing(_progress: RunProgress) -> None:
    pass


def run_batch(
    db: Database,
    settings: Settings,
    paths: Sequence[str | bytes | os.PathLike[str]],
    options: RunOptions,
    env: Mapping[str, str],
    on_progress: Callable[[RunProgress], None] = _nothing,
) -> RunSummary:
    """Submit files and folders and read them to the end.

    Ctrl-C or SIGTERM once: no new pages, running ones get `drain_s`, the rest is given back with
    its attempts. Twice: at once. The same command with `batch` set to the same name goes on.

    Args:
        db: the database.
        settings: of this process; its worker gets the same.
        paths: files and folders.
        options: what to do.
        env: the environment for the worker.
        on_progress: called after every file looked at and a few times a second.

    Raises:
        OcrqError: see `worker.intake.submit`; or the worker can not work here.
    """
    with Interrupts() as interrupts:
        run = _Run(db, settings, options, env, on_progress, interrupts)
        try:
            return run.go(paths)
        finally:
            run.end()


class _Run:
    def __init__(
        self,
        db: Database,
        settings: Settings,
        options: RunOptions,
        env: Mapping[str, str],
        on_progress: Callable[[RunProgress], None],
        interrupts: Interrupts,
    ) -> None:
        self._db = db
        self._settings = dataclasses.replace(settings, broker_url="memory://")
        self._options = options
        self._env = env
        self._on_progress = on_progress
        self._interrupts = interrupts
        self._device = choose_device(options.device, env)
        self._started_s = time.monotonic()
        self._batch: Batch | None = None
        self._progress: BatchProgress | None = None
        self._intake = IntakeProgress()
        self._intake_is_complete = False
        self._supervisor: Supervisor | None = None
        self._looked_s = 0.0

    def go(self, paths: Sequence[str | bytes | os.PathLike[str]]) -> RunSummary:
        try:
            submitted = self._submit(paths)
            progress = self._read_to_the_end()
        except StoreError as exc:
            if self._batch is None:  # nothing was begun
                raise
            raise type(exc)(f"{exc}. {self._how_to_go_on()}") from exc
        released = 0
        interrupted = self._interrupts.stop_wanted() and progress.state is not BatchState.DONE
        if interrupted and self._supervisor is not None:
            released = self._supervisor.stop(self._settings.drain_s, self._interrupts.kill_wanted)
        return RunSummary(
            submit=submitted,
            batch=self._look(with_links=True),
            interrupted=interrupted,
            released=released,
            elapsed_s=time.monotonic() - self._started_s,
        )

    def end(self) -> None:
        """End the worker, if it still runs; at the end of a batch it has nothing left to lose."""
        if self._supervisor is not None:
            self._supervisor.kill()

    def _submit(self, paths: Sequence[str | bytes | os.PathLike[str]]) -> SubmitSummary:
        # Only this batch is read here: a link to pages that another one has not read (a run that
        # was killed, a batch that is paused) would be read by nobody.
        options = dataclasses.replace(self._options.submit, waits_for_others=False)
        submitted = submit(
            self._db,
            self._settings,
            paths,
            options,
            self._on_file,
            on_batch=self._note_batch,
            on_commit=self._on_commit,
            should_stop=self._interrupts.stop_wanted,
        )
        self._intake_is_complete = True
        if submitted.batch_id is not None and not submitted.interrupted:
            while take_over_unread(self._db, submitted.batch_id):
                pass  # links that a submit to this batch made
        return submitted

    def _note_batch(self, batch: Batch) -> None:
        self._batch = batch

    def _on_file(self, intake: IntakeProgress) -> None:
        self._intake = intake
        if time.monotonic() - self._looked_s >= _LOOK_EVERY_S:
            self._tend()

    def _on_commit(self, pages: int, more: bool) -> None:
        """The first pages are written down while more are looked at: start reading them."""
        if pages and more:
            self._start_worker(most=None)

    def _read_to_the_end(self) -> BatchProgress:
        progress = self._look()
        while not self._interrupts.stop_wanted():
            if progress.unfinished:
                self._start_worker(most=progress.unfinished)
                time.sleep(_LOOK_EVERY_S)
                progress = self._tend()
            elif revive_orphaned_duplicates(self._db):
                progress = self._look()  # a copy of a page that failed is read itself
            else:
                finish_batches(self._db)
                break
        return progress

    def _how_to_go_on(self) -> str:
        assert self._batch is not None
        name = shlex.quote(self._batch.name)
        return f"What was read is kept; to go on, give the same command with --batch {name}"

    def _start_worker(self, most: int | None) -> None:
        """Start the worker unless it runs; no more children than pages (None: unknown yet)."""
        if self._supervisor is not None:
            return
        assert self._batch is not None
        wanted = self._options.concurrency
        if wanted is None:
            wanted = 1 if self._device == "gpu" else usable_cores()
        options = WorkerOptions(
            name=new_worker_name(),
            concurrency=min(wanted, most) if most else wanted,
            device=self._device,
            batch_id=self._batch.id,
            engine=self._options.submit.page.engine,
        )
        self._supervisor = Supervisor(self._settings, options, self._env)
        self._supervisor.start()

    def _tend(self) -> BatchProgress:
        if self._supervisor is not None:
            self._supervisor.poll()
        progress = self._look()
        self._on_progress(
            RunProgress(
                intake=self._intake,
                intake_is_complete=self._intake_is_complete,
                batch=progress,
                elapsed_s=time.monotonic() - self._started_s,
            )
        )
        return progress

    def _look(self, *, with_links: bool = False) -> BatchProgress:
        self._looked_s = time.monotonic()
        assert self._batch is not None
        try:
            self._progress = batch_progress(self._db, self._batch.id, with_links=with_links)
        except StoreUnavailable:
            if self._progress is None:
                raise
        return self._progress
