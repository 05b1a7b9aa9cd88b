"""`ocrq run`: from scans to results in one command."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, cast

import click

from cli.app import App, pass_app
from cli.batch_wait import progress_note
from cli.closed_pipes import stdout_may_close
from cli.display import count_of, print_json
from cli.export import report_lost_scans, report_names, report_unread
from cli.export_batch import export_batch
from cli.export_folder import ExportFolder
from cli.export_summary import ExportSummary
from cli.intake_options import intake_options, submit_options
from cli.progress import ProgressDisplay
from cli.run_report import print_report, run_json
from cli.settings_database import open_database
from cli.submit import report_left_out, report_nothing
from export.formats import FORMATS
from ocrq.config import Settings
from ocrq.errors import ExitCode, OcrqError, UsageError
from store.database import Database
from store.queries import failed_pages
from store.totals import BatchTotals, batch_totals
from worker.options import Device
from worker.run import RunOptions, RunProgress, RunSummary, run_batch


@click.command("run")
@intake_options
@click.option(
    "--concurrency",
    "-c",
    type=click.IntRange(1),
    metavar="N",
    help="Pages at a time.  [default: one a core; one a GPU]",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
    show_default=True,
    help="auto takes a GPU when there is one.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="Export when done; may be given more than once.  [default: txt, with --output]",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the exported files.",
)
@click.option("--force", is_flag=True, help="Replace files in DIR that ocrq did not write.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    /,
    paths: tuple[str, ...],
    concurrency: int | None,
    device: str,
    formats: tuple[str, ...],
    output: Path | None,
    force: bool,
    as_json: bool,
    **values: Any,
) -> int:
    """Read scans now, with a worker of its own, and show what came out.

    Takes files and folders (PDF, TIFF, JPEG, PNG, BMP, WebP), reads every page and writes every
    character into the database. What cannot be read is named, the rest goes on. Needs no other
    worker and may run beside some. Ctrl-C stops it in order and says how to go on.

    \b
    Example:  ocrq run ./scans
              ocrq run ./scans --format txt --format json --output ./text
    """
    options = RunOptions(
        submit=submit_options(values), concurrency=concurrency, device=cast(Device, device)
    )
    if formats and output is None:
        raise UsageError("--format needs --output DIR, the folder for the files")
    if output is not None:
        ExportFolder(output, batch="", force=force)  # fails now rather than after hours
    with open_database(app.settings, create=True) as db:
        with ProgressDisplay("pages") as display:
            summary = run_batch(
                db, app.settings, paths, options, app.env, lambda seen: _show(display, seen)
            )
        exported, failure = None, None
        if output is not None and not summary.interrupted:
            try:
                exported = _export(db, app.settings, summary, formats or ("txt",), output, force)
            except OcrqError as exc:
                failure = exc  # the pages are read all the same: show them first
        totals = batch_totals(db, summary.batch.batch.id)
        with stdout_may_close():
            _report(db, app, summary, totals, exported, as_json, options.submit.batch is not None)
    if summary.interrupted:
        _say_how_to_go_on(summary)
    if failure is not None:
        again = _export_command(summary.batch.batch.name, formats, output, force)
        click.echo(f"The pages are read; to export them: {again}", err=True)
        raise failure
    is_partial = totals.linked_unread or (exported is not None and not exported.is_whole)
    if is_partial and not summary.interrupted:
        return ExitCode.SOME_PAGES_FAILED
    return summary.exit_code


def _show(display: ProgressDisplay, seen: RunProgress) -> None:
    batch = seen.batch
    if batch is None:
        display.show(0, None, f"{count_of(seen.intake.files, 'file')} looked at")
        return
    note = progress_note(batch)
    if not seen.intake_is_complete:
        note = ", ".join(part for part in (f"{seen.intake.files:,} files looked at", note) if part)
    display.show(batch.finished, batch.pages, note)


def _export(
    db: Database,
    settings: Settings,
    summary: RunSummary,
    formats: tuple[str, ...],
    output: Path,
    force: bool,
) -> ExportSummary:
    with ProgressDisplay("exporting documents") as display:
        return export_batch(
            db,
            summary.batch.batch,
            settings,
            formats=tuple(dict.fromkeys(formats)),
            folder=output,
            force=force,
            on_document=lambda done, total: display.show(done, total, ""),
        )


def _export_command(batch: str, formats: tuple[str, ...], output: Path | None, force: bool) -> str:
    """What a shell takes to write the same files later."""
    words = ["ocrq", "export", batch]
    for name in formats:
        words += ["--format", name]
    words += ["--output", str(output)]
    return shlex.join([*words, "--force"] if force else words)


def _report(
    db: Database,
    app: App,
    summary: RunSummary,
    totals: BatchTotals,
    exported: ExportSummary | None,
    as_json: bool,
    is_named: bool,
) -> None:
    failed = failed_pages(db, summary.batch.batch.id, limit=1000)
    if as_json:
        print_json(run_json(summary, totals, failed, exported))
        return
    report_nothing(summary.submit)
    report_left_out(summary.submit)
    print_report(summary, totals, failed, exported, app.settings, is_named=is_named)
    if exported is not None:
        report_names(exported)
        report_unread(exported)
        report_lost_scans(exported)


def _say_how_to_go_on(summary: RunSummary) -> None:
    name = shlex.quote(summary.batch.batch.name)
    click.echo(
        f"Interrupted; {count_of(summary.released, 'page')} given back unread. To go on, give the "
        f"same command with: --batch {name}",
        err=True,
    )
