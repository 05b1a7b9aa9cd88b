"""What `ocrq run` says at its end: a table of results, what failed, where to look next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import click

from cli.display import count_of, show_number, show_path, show_seconds, show_text
from cli.export import export_sentence
from cli.export_summary import ExportSummary
from cli.status import progress_json
from cli.submit import submit_json
from ocrq.config import Settings
from store.database import parse_url
from store.queries import FailedPage
from store.totals import BatchTotals
from worker.run import RunSummary

_NAMED = 20


def print_report(
    summary: RunSummary,
    totals: BatchTotals,
    failed: Sequence[FailedPage],
    exported: ExportSummary | None,
    settings: Settings,
    *,
    is_named: bool,
) -> None:
    """Print the table, the failed pages with their sentences, and the next commands.

    Args:
        summary: what the run did.
        totals: what its batch holds.
        failed: the first pages that were given up.
        exported: what was exported; None: nothing was to be.
        settings: of this process.
        is_named: the batch was named, so the same command again goes on with it.
    """
    batch = summary.batch
    name = shlex.quote(batch.batch.name)
    table = _rows(summary, totals, settings)
    if exported is not None:
        table.append(("files", export_sentence(exported)))
    for label, value in table:
        click.echo(f"{label:<12}{value}")
    given_up = batch.failed + batch.quarantined
    if given_up:
        click.echo("\nNot read:")
        for page in failed[:_NAMED]:
            click.echo(
                f"  {show_path(page.path)} page {page.number}: {show_text(page.error)} "
                f"({page.error_code})"
            )
        if given_up > _NAMED:
            click.echo(f"  ... and {given_up - _NAMED:,} more: ocrq failures {name}")
    click.echo("\nLook next:")
    commands = _next_commands(
        summary, totals, name, is_exported=exported is not None, is_named=is_named
    )
    width = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        click.echo(f"  {command:<{width}}  {purpose}")


def _rows(summary: RunSummary, totals: BatchTotals, settings: Settings) -> list[tuple[str, str]]:
    batch = summary.batch
    links = ""
    if batch.duplicates:
        links = f" ({count_of(batch.duplicates, 'duplicate')}, linked to what was read before)"
    if totals.linked_unread:
        unread = count_of(totals.linked_unread, "page")
        links = (
            f" ({count_of(batch.duplicates, 'duplicate')}, linked to other batches;"
            f" {unread} of those not read yet)"
        )
    given_up = batch.failed + batch.quarantined
    pages = f"{batch.pages:,}: {batch.done:,} done, {given_up:,} failed"
    if batch.replaced:
        pages += f", {batch.replaced:,} of older versions of files, not read"
    elif batch.cancelled:
        pages += f", {batch.cancelled:,} cancelled"
    if batch.unfinished:
        pages += f", {batch.unfinished:,} not read yet"
    if totals.blank_pages:
        pages += f", {totals.blank_pages:,} blank"
    if totals.blurred_pages:
        pages += f", {totals.blurred_pages:,} too blurred"
    if totals.low_dpi_pages:
        pages += f", {totals.low_dpi_pages:,} with a too low dpi"
    read = f"{totals.characters:,}"
    if totals.confidence is not None:
        read += f", mean confidence {totals.confidence:.3f}, {totals.doubtful:,} doubtful"
    duration = show_seconds(summary.elapsed_s)
    if batch.done and not summary.submit.known:  # else some were read by an earlier run
        duration += f", {show_number(batch.done / summary.elapsed_s * 60, 1)} pages/min"
    url = parse_url(settings.sql_url)
    is_file = url.drivername.startswith("sqlite")
    place = str(url.database) if is_file else url.render_as_string(hide_password=True)
    return [
        ("batch", show_text(batch.batch.name)),
        ("documents", f"{batch.documents:,}{links}"),
        ("pages", pages),
        ("characters", read),
        ("time", duration),
        ("database", show_path(place)),
    ]


def _next_commands(
    summary: RunSummary, totals: BatchTotals, name: str, *, is_exported: bool, is_named: bool
) -> list[tuple[str, str]]:
    commands = []
    if not summary.batch.documents:
        commands.append(("ocrq run --help", "no scans were found: what is taken, and how"))
    if totals.linked_unread:
        commands.append(("ocrq worker", "read the pages that duplicates link to"))
    if summary.batch.duplicates and not is_named:
        commands.append(("the same with --on-duplicate again", "read duplicates anew"))
    elif summary.batch.duplicates:  # known to the batch, whatever --on-duplicate says now
        commands.append((f"ocrq redo {name} --all", "read again with other options; names where"))
    if totals.doubtful:
        commands.append((f"ocrq doubtful {name}", "the least certain characters"))
    if summary.batch.documents and not is_exported:
        commands.append((f"ocrq export {name} --format txt --output DIR", "text files"))
    if summary.batch.failed + summary.batch.quarantined:
        commands.append((f"ocrq failures {name}", "what could not be read, and why"))
        commands.append((f"ocrq retry {name}", "try it again"))
    commands.append((f"ocrq status {name}", "this batch"))
    return commands


def run_json(
    summary: RunSummary,
    totals: BatchTotals,
    failed: Sequence[FailedPage],
    exported: ExportSummary | None,
) -> dict[str, Any]:
    """The object that `--json` prints for a run; docs/cli.md lists its keys."""
    return {
        **progress_json(summary.batch),
        "characters": totals.characters,
        "confidence": totals.confidence,
        "doubtful": totals.doubtful,
        "blank_pages": totals.blank_pages,
        "blurred_pages": totals.blurred_pages,
        "low_dpi_pages": totals.low_dpi_pages,
        "linked_unread": totals.linked_unread,
        "failures": failed,
        "intake": submit_json(summary.submit),
        "export": exported,
        "interrupted": summary.interrupted,
        "elapsed_s": round(summary.elapsed_s, 3),
    }
