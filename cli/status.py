"""`ocrq status`: how far the batches are."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from cli.app import App, pass_app
from cli.display import (
    count_of,
    format_table,
    print_json,
    show_number,
    show_seconds,
    show_text,
    show_time,
)
from cli.finite import FiniteRange
from cli.patience import Patience
from cli.schedule_display import next_runs, warn_if_unattended
from cli.settings_database import open_database
from cli.time_zones import show_in_zone
from ocrq.errors import ExitCode, StoreUnavailable
from store.batches import Batch, BatchState, resolve_batch
from store.database import Database
from store.progress import BatchProgress, batch_progress, list_batches

#: States in which nothing will change by itself any more.
_ENDED = (BatchState.DONE, BatchState.CANCELLED)


@click.command("status")
@click.argument("batch", required=False)
@click.option("--watch", is_flag=True, help="Look again until the batch is done (Ctrl-C ends it).")
@click.option(
    "--interval",
    "interval_s",
    type=FiniteRange(0.1, 3600),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks of --watch.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Without BATCH: so many of the newest batches.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(
    app: App, batch: str | None, watch: bool, interval_s: float, limit: int, as_json: bool
) -> int:
    """Show how far the batches are.

    Without BATCH the newest ones in a table, with BATCH (a name or an id) all about that one.
    --watch ends when the batch is done, with exit code 1 when pages failed; with --json it prints
    an object a line.

    \b
    Example:  ocrq status
              ocrq status scans-20261120-1 --watch
    """
    with open_database(app.settings) as db:
        if watch:
            patience = Patience(app.settings.patience_s)
            return _watch(db, batch, limit, interval_s, as_json, patience)
        _print(_look(db, batch, limit), batch is not None, as_json)
        _print_next_runs(db, batch, as_json)
    return ExitCode.DONE


def progress_json(progress: BatchProgress) -> dict[str, Any]:
    """The object that `--json` prints for a batch; docs/cli.md lists its keys."""
    return {
        "batch": progress.batch.name,
        "id": progress.batch.id,
        "state": progress.state,
        "created_at": progress.batch.created_at,
        "priority": progress.batch.priority,
        "documents": progress.documents,
        "duplicates": progress.duplicates,
        "pages": progress.pages,
        "queued": progress.queued,
        "leased": progress.leased,
        "done": progress.done,
        "failed": progress.failed,
        "quarantined": progress.quarantined,
        "cancelled": progress.cancelled,
        "redoing": progress.redoing,
        "redo_failed": progress.redo_failed,
        "everything_is_paused": progress.held_since is not None,
        "submits": progress.submits,
        "linked_unread": progress.linked_unread,
        "pages_per_minute": progress.pages_per_minute,
        "eta_s": progress.eta_s,
    }


def _look(db: Database, batch: str | None, limit: int) -> Sequence[BatchProgress]:
    if batch is None:
        return list_batches(db, limit)
    return [batch_progress(db, resolve_batch(db, batch).id)]


def _watch(
    db: Database,
    batch: str | None,
    limit: int,
    interval_s: float,
    as_json: bool,
    patience: Patience,
) -> ExitCode:
    is_screen = sys.stdout.isatty() and not as_json
    while True:
        try:
            found = _look(db, batch, limit)
            if is_screen:
                click.echo("\x1b[2J\x1b[H", nl=False)  # clear, home
            _print(found, batch is not None, as_json, is_line=not is_screen)
            if is_screen:
                _print_next_runs(db, batch, as_json)
        except StoreUnavailable as exc:
            patience.note(exc)
        else:
            patience.end()
            if all(progress.state in _ENDED for progress in found):
                is_all_read = not any(p.lost or p.state is BatchState.CANCELLED for p in found)
                return ExitCode.DONE if is_all_read or not batch else ExitCode.SOME_PAGES_FAILED
        time.sleep(interval_s)


def _print(
    found: Sequence[BatchProgress], is_one: bool, as_json: bool, is_line: bool = False
) -> None:
    if as_json:
        objects = [progress_json(progress) for progress in found]
        print_json(objects[0] if is_one else objects, is_line=is_line)
    elif is_one and is_line:
        click.echo(_line(found[0]))
    elif is_one:
        click.echo(_details(found[0]))
    elif found:
        click.echo(_table(found))
    else:
        click.echo("No batch yet; to read scans: ocrq run PATH")


def _print_next_runs(db: Database, batch: str | None, as_json: bool) -> None:
    """Below the batches: what is submitted by itself, and when."""
    table = next_runs(db) if batch is None and not as_json else ""
    if table:
        click.echo(f"\n{table}")
        warn_if_unattended(db)


def _table(found: Sequence[BatchProgress]) -> str:
    header = (
        "batch",
        "state",
        "documents",
        "pages",
        "done",
        "failed",
        "left",
        "pages/min",
        "ready in",
    )
    table = format_table(header, [(show_text(p.batch.name), *_cells(p)) for p in found])
    held_since = found[0].held_since  # of the whole queue, so of each of them
    if held_since is None:
        return table
    return f"{table}\n\nEverything is paused since {show_time(held_since)}: ocrq resume --all"


def _cells(progress: BatchProgress) -> tuple[str, ...]:
    return (
        progress.state,
        show_number(progress.documents),
        show_number(progress.pages),
        show_number(progress.done),
        show_number(progress.failed + progress.quarantined),
        show_number(progress.unfinished + progress.linked_unread),
        show_number(progress.pages_per_minute if progress.unfinished else None, 1),
        show_seconds(progress.eta_s) if progress.unfinished else "-",
    )


def _line(progress: BatchProgress) -> str:
    eta = f", ready in {show_seconds(progress.eta_s)}" if progress.eta_s else ""
    if progress.linked_unread:
        eta += f", waits for {count_of(progress.linked_unread, 'page')} of other batches"
    return (
        f"{show_text(progress.batch.name)}: {progress.state}, {progress.finished:,} of "
        f"{progress.pages:,} pages, {progress.failed + progress.quarantined:,} failed{eta}"
    )


def _details(progress: BatchProgress) -> str:
    batch, name = progress.batch, show_text(progress.batch.name)
    quoted = shlex.quote(batch.name)
    lines = [
        f"batch      {name} (id {batch.id})",
        f"state      {progress.state}{_explanation(progress)}",
        f"submitted  {show_time(batch.created_at)}, priority {batch.priority}, "
        f"engine {batch.options.engine}",
        f"documents  {progress.documents:,}, {progress.duplicates:,} of them duplicates",
        f"pages      {progress.pages:,}: {progress.done:,} done, {progress.queued:,} queued, "
        f"{progress.leased:,} being read, {progress.failed:,} failed, "
        f"{progress.quarantined:,} quarantined, {progress.cancelled:,} cancelled",
    ]
    if progress.unfinished:
        eta = f", ready in {show_seconds(progress.eta_s)}" if progress.eta_s else ""
        rate = f"{show_number(progress.pages_per_minute, 1)} pages/min{eta}"
        lines.append(f"speed      {rate}")
    if progress.redoing or progress.redo_failed:
        lines.append(
            f"again      {progress.redoing:,} have a reading and get another, "
            f"{progress.redo_failed:,} keep the one they had: the new one failed"
        )
    if progress.linked_unread:
        lines.append(
            f"linked     {count_of(progress.linked_unread, 'page')} of other batches, which"
            " duplicates link to, not read yet"
        )
    if progress.replaced:
        lines.append(
            f"replaced   {count_of(progress.replaced, 'page')} of older versions of files,"
            " cancelled: the newer ones are in the batch"
        )
    if progress.failed + progress.quarantined:
        lines.append(f"\nWhat failed:  ocrq failures {quoted}")
    if progress.done:
        lines.append(f"To files:     ocrq export {quoted} --format txt --output DIR")
    return "\n".join(lines)


def _is_shut(progress: BatchProgress) -> bool:
    """Whether pages wait for the window of their batch."""
    opens_at = progress.batch.opens_at
    return bool(progress.queued and opens_at is not None and opens_at > datetime.now(UTC))


def _opening(batch: Batch) -> str:
    """When its window opens, by the clocks of the window's own zone."""
    if batch.opens_at is None or batch.time_window is None:
        return "-"
    return show_in_zone(batch.opens_at, batch.time_window.rpartition(" ")[2])


def _explanation(progress: BatchProgress) -> str:
    match progress.state:
        case BatchState.OPEN if progress.submits:
            return f" ({count_of(progress.submits, 'submit')} at work on it)"
        case BatchState.OPEN:
            return " (its submit was interrupted; to go on, submit the same again)"
        case BatchState.PAUSED if progress.held_since is not None:
            return f" (everything, since {show_time(progress.held_since)}: ocrq resume --all)"
        case BatchState.PAUSED:
            since = show_time(progress.batch.paused_at)
            return f" (since {since}: ocrq resume {shlex.quote(progress.batch.name)})"
        case BatchState.SEALED if _is_shut(progress):
            window, opens = progress.batch.time_window, _opening(progress.batch)
            return f" (waits for its window, {window}: from {opens} on)"
        case BatchState.SEALED if not progress.unfinished:
            return " (its duplicates wait for pages of other batches)"
        case BatchState.SEALED if not progress.leased and not progress.pages_per_minute:
            return " (no page is being read; is a worker running? ocrq worker)"
    return ""
