"""`ocrq submit`: scans into the queue."""

from __future__ import annotations

import logging
import shlex
from typing import Any

import click

from cli.app import App, pass_app
from cli.batch_wait import exit_code_of, wait_for_batch
from cli.closed_pipes import stdout_may_close
from cli.display import count_of, print_json, show_path, show_text, show_time
from cli.intake_options import intake_options, submit_options, window_options
from cli.patience import Patience
from cli.progress import ProgressDisplay
from cli.settings_database import existing_database, open_database
from cli.status import progress_json
from cli.time_zones import chosen_window
from ocrq.config import Settings
from ocrq.errors import ExitCode, UsageError
from store.database import Database
from store.pausing import held_since
from store.progress import BatchProgress
from store.ringing import count_slots
from store.totals import batch_totals
from store.windows import Window
from worker.enqueue import ring
from worker.intake import IntakeProgress, SubmitSummary, submit
from worker.interrupts import Interrupts

logger = logging.getLogger(__name__)
_NAMED = 20  # files that are listed; --json has them all


@click.command("submit")
@intake_options
@window_options
@click.option("--wait", is_flag=True, help="Wait until the pages are read.")
@click.option("--dry-run", is_flag=True, help="Say what would be queued; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App, /, paths: tuple[str, ...], wait: bool, dry_run: bool, as_json: bool, **values: Any
) -> int:
    """Put scans into the queue for the workers.

    Every file is looked at and written into the database; workers read the pages, now or when they
    are started. Folders are taken with all that is in them. A file that cannot be read becomes a
    failed page with a reason; the rest goes on. An interrupted submit goes on when the same
    command is given again with its --batch name.

    \b
    Example:  ocrq submit ./scans --batch parish-registers --priority 8
    """
    values["window"] = chosen_window(values.pop("window"), values.pop("timezone"), app.env)
    options = submit_options(values)
    if dry_run and wait:
        raise UsageError("--dry-run queues nothing that --wait could wait for")
    progress: BatchProgress | None = None
    linked_unread: int | None = None
    with Interrupts() as interrupts:
        if dry_run:
            with existing_database(app.settings) as known, ProgressDisplay("files") as display:
                summary = submit(
                    known,
                    app.settings,
                    paths,
                    options,
                    lambda seen: _show(display, seen),
                    should_stop=interrupts.stop_wanted,
                    dry_run=True,
                )
        else:
            with open_database(app.settings, create=True) as db:
                bell = _Bell(app.settings, db)
                with ProgressDisplay("files") as display:
                    summary = submit(
                        db,
                        app.settings,
                        paths,
                        options,
                        lambda seen: _show(display, seen),
                        on_commit=bell.ring,
                        should_stop=interrupts.stop_wanted,
                    )
                held = held_since(db)
                if held is not None:
                    click.echo(
                        f"everything is paused since {show_time(held)}: nothing is read before"
                        " `ocrq resume --all`",
                        err=True,
                    )
                if wait and summary.batch_id is not None and not summary.interrupted:
                    with ProgressDisplay("pages") as display:
                        progress = wait_for_batch(
                            db,
                            summary.batch_id,
                            display,
                            interrupts.stop_wanted,
                            Patience(app.settings.patience_s),
                        )
                if progress and summary.batch_id is not None:
                    linked_unread = batch_totals(db, summary.batch_id).linked_unread
        was_stopped = interrupts.stop_wanted()
    with stdout_may_close():
        if as_json:
            waited = progress_json(progress) | {"linked_unread": linked_unread} if progress else {}
            print_json(submit_json(summary) | waited)
        else:
            _print(summary, progress, options.window)
    if was_stopped:
        return ExitCode.INTERRUPTED
    if linked_unread:
        click.echo(
            f"{count_of(linked_unread, 'page')} that duplicates link to, in other batches, are not"
            " read yet",
            err=True,
        )
        return ExitCode.SOME_PAGES_FAILED
    return exit_code_of(progress) if progress else ExitCode.DONE


class _Bell:
    """Rings for the first pages; what comes later is found by workers that are awake.

    A broker that is down is asked once, so that it cannot slow the submit down.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._has_rung = False

    def ring(self, pages: int, _more: bool) -> None:
        if pages and not self._has_rung:
            self._has_rung = True
            ring(self._settings, pages, count_slots(self._db))


def _show(display: ProgressDisplay, seen: IntakeProgress) -> None:
    failed = f", {seen.failed:,} cannot be read" if seen.failed else ""
    display.show(seen.files, None, f"{count_of(seen.pages, 'page')}{failed}")


def submit_json(summary: SubmitSummary) -> dict[str, Any]:
    """The object that `--json` prints for a submit; docs/cli.md lists its keys."""
    return {
        "batch": summary.batch_name,
        "id": summary.batch_id,
        "files": summary.files,
        "new_documents": summary.documents,
        "new_pages": summary.pages,
        "duplicates": summary.duplicates,
        "known": summary.known,
        "unreadable_pages": summary.failed_count,
        "unreadable": [
            {"path": path, "page": page, "error_code": code, "error": sentence}
            for path, page, code, sentence in summary.failed
        ],
        "left_out_count": summary.left_out_count,
        "left_out": [{"path": e.path, "reason": e.reason} for e in summary.left_out],
        "elapsed_s": round(summary.elapsed_s, 3),
        "dry_run": summary.dry_run,
        "interrupted": summary.interrupted,
    }


def report_unreadable(summary: SubmitSummary) -> None:
    """Name on stderr the pages that can never be read."""
    for path, page, code, sentence in summary.failed[:_NAMED]:
        click.echo(
            f"cannot be read: {show_path(path)} page {page} ({code}: {show_text(sentence)})",
            err=True,
        )
    _rest(summary.failed_count, "page")


def report_nothing(summary: SubmitSummary) -> None:
    """Say on stderr that the named folders hold no scan at all."""
    if not summary.files and not summary.interrupted:
        click.echo("nothing to read: no scan lies in the named folders", err=True)


def report_left_out(summary: SubmitSummary) -> None:
    """Name on stderr what was not taken for a scan: nothing is skipped in silence."""
    for entry in summary.left_out[:_NAMED]:
        click.echo(f"left out: {show_path(entry.path)} ({show_text(entry.reason)})", err=True)
    _rest(summary.left_out_count, "entry", "entries")


def intake_sentence(summary: SubmitSummary) -> str:
    """What a submit took, in one line."""
    verb = "would be queued" if summary.dry_run else "queued"
    parts = [
        f"{count_of(summary.documents, 'new document')}, {count_of(summary.pages, 'page')} {verb}"
    ]
    if summary.failed_count:
        parts.append(f"{count_of(summary.failed_count, 'page')} cannot be read")
    if summary.duplicates:
        parts.append(f"{count_of(summary.duplicates, 'duplicate')}")
    if summary.known:
        parts.append(f"{count_of(summary.known, 'file')} known already")
    if summary.left_out_count:
        parts.append(f"{count_of(summary.left_out_count, 'entry', 'entries')} left out")
    return ", ".join(parts)


def _print(summary: SubmitSummary, progress: BatchProgress | None, window: Window | None) -> None:
    report_unreadable(summary)
    report_left_out(summary)
    report_nothing(summary)
    name = show_text(summary.batch_name or "dry run")
    click.echo(f"{name}: {intake_sentence(summary)}")
    if progress:
        click.echo(
            f"{name}: {progress.state}, {progress.done:,} of {count_of(progress.pages, 'page')} "
            f"read, {progress.failed + progress.quarantined:,} failed"
        )
    if summary.dry_run or summary.batch_name is None:
        return
    quoted = shlex.quote(summary.batch_name)
    if window is not None:
        click.echo(f"{name}: its pages are read within {window} only", err=True)
    if summary.interrupted:
        click.echo(f"Interrupted. To go on: the same command with --batch {quoted}", err=True)
    elif summary.pages and progress is None:
        click.echo(f"Look next: ocrq status {quoted} --watch; ocrq worker reads it", err=True)
    else:  # nothing of it waits, or --wait has seen to it
        click.echo(f"Look next: ocrq status {quoted}", err=True)


def _rest(number: int, noun: str, plural: str | None = None) -> None:
    if number > _NAMED:
        click.echo(f"... and {count_of(number - _NAMED, noun, plural)} more", err=True)
