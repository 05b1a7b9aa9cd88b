"""`ocrq page`: all about one page."""

from __future__ import annotations

import json

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_number, show_path, show_text, show_time
from cli.settings_database import open_database
from ocrq.quality_gate import sentences
from store.page_report import PageReport, ReadingReport, report_page
from store.pausing import held_since


@click.command("page")
@click.argument("page", type=click.IntRange(1))
@click.option("--events", is_flag=True, help="What happened to it, too.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def command(app: App, page: int, events: bool, as_json: bool) -> None:
    """Show a page: its state, its readings, what happened to it.

    PAGE is a page id, as `failures`, `doubtful` and `workers` show it. Only the unusual is an
    event: its process died, it was tried or read again, its worker was lost, it was cancelled.

    \b
    Example:  ocrq page 1234 --events
    """
    with open_database(app.settings) as db:
        found = report_page(db, page)
        held = held_since(db)
    if as_json:
        print_json(found)
        return
    click.echo(_details(found, is_held=held is not None))
    if found.readings:
        header = ("reading", "read at", "by", "confidence", "characters", "doubtful", "corrected")
        click.echo()
        click.echo(format_table(header, [_reading(r) for r in found.readings]))
    if not events:
        return
    click.echo()
    if not found.events:
        click.echo("Nothing unusual happened to it.")
    for event in found.events:
        owner = f" by {show_text(event.owner)}" if event.owner else ""
        detail = f": {show_text(event.detail)}" if event.detail else ""
        click.echo(
            f"{show_time(event.created_at)}  {event.kind}, attempt {event.attempts}{owner}{detail}"
        )


def _details(page: PageReport, *, is_held: bool) -> str:
    size = f", {page.megapixels:.1f} megapixels" if page.megapixels else ""
    state = page.state.value
    if page.waits_for is not None:
        state += f" ({page.waits_for})"
    elif is_held and page.state.value == "queued":
        state += " (everything is paused: ocrq resume --all)"
    lines = [
        f"page       {page.number} of {show_path(page.path)} (page id {page.page_id}{size})",
        f"batch      {show_text(page.batch)} (id {page.batch_id})",
        f"state      {state}",
    ]
    if page.owner is not None:
        lines.append(
            f"read by    {show_text(page.owner)} since {show_time(page.claimed_at)},"
            f" deadline {show_time(page.deadline_at)}"
        )
    if page.attempts > 1:
        lines.append(f"attempts   {page.attempts}")
    if page.error_code is not None:
        lines.append(f"error      {show_text(page.error or '')} [{show_text(page.error_code)}]")
    if page.duplicates:
        lines.append(f"shown by   {page.duplicates} more with the same content")
    current = next((r for r in page.readings if r.is_current), None)
    if current is not None and current.quality.flags:
        lines.append(f"quality    {'; '.join(sentences(current.quality))}")
    lines.append(f"options    {show_text(json.dumps(page.options, sort_keys=True))}")
    return "\n".join(lines)


def _reading(reading: ReadingReport) -> tuple[str, ...]:
    return (
        f"{reading.reading_id}{' (current)' if reading.is_current else ''}",
        show_time(reading.created_at),
        show_text(f"{reading.engine} {reading.version}"),
        show_number(reading.confidence, 3),
        show_number(reading.characters),
        show_number(reading.doubtful),
        show_number(reading.corrections),
    )
