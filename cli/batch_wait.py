"""Watching a batch until it is done, for `run` and `submit --wait`."""

from __future__ import annotations

import time
from collections.abc import Callable

from cli.display import count_of, show_number, show_seconds
from cli.patience import Patience
from cli.progress import ProgressDisplay
from ocrq.errors import ExitCode, StoreUnavailable
from store.batches import BatchState
from store.database import Database
from store.progress import BatchProgress, batch_progress

_LOOK_EVERY_S = 1.0


def progress_note(progress: BatchProgress) -> str:
    """Speed, failures and time left of a batch, as far as they are known."""
    parts = []
    if progress.unfinished and progress.held_since is not None:
        parts.append("everything is paused (ocrq resume --all)")
    elif progress.unfinished and progress.batch.paused_at is not None:
        parts.append("paused (ocrq resume)")
    if not progress.unfinished and progress.submits:
        parts.append("a submit still writes to the batch")
    if not progress.unfinished and progress.linked_unread:
        parts.append(f"waits for {count_of(progress.linked_unread, 'page')} of other batches")
    if progress.failed + progress.quarantined:
        parts.append(f"{progress.failed + progress.quarantined:,} failed")
    if progress.pages_per_minute:
        parts.append(f"{show_number(progress.pages_per_minute, 1)} pages/min")
    if progress.eta_s:
        parts.append(f"ready in {show_seconds(progress.eta_s)}")
    return ", ".join(parts)


def wait_for_batch(
    db: Database,
    batch_id: int,
    display: ProgressDisplay,
    should_stop: Callable[[], bool],
    patience: Patience,
) -> BatchProgress:
    """Wait until a batch is done or cancelled, or somebody wants to stop waiting.

    Raises:
        StoreUnavailable: the database is away for longer than `patience` lasts, or when the
            waiting is to stop.
    """
    while True:
        try:
            progress = batch_progress(db, batch_id)
        except StoreUnavailable as exc:
            patience.note(exc)
            if should_stop():
                raise
        else:
            patience.end()
            display.show(progress.finished, progress.pages, _waiting_note(progress))
            if progress.state in (BatchState.DONE, BatchState.CANCELLED) or should_stop():
                return progress
        time.sleep(_LOOK_EVERY_S)


def _waiting_note(progress: BatchProgress) -> str:
    is_paused = progress.held_since is not None or progress.batch.paused_at is not None
    is_idle = not progress.leased and progress.queued and not progress.pages_per_minute
    if is_idle and not is_paused:
        return f"{count_of(progress.queued, 'page')} wait for a worker (ocrq worker)"
    return progress_note(progress)


def exit_code_of(progress: BatchProgress) -> ExitCode:
    """0, or 1 when pages of the batch have no reading."""
    return ExitCode.SOME_PAGES_FAILED if progress.lost else ExitCode.DONE
