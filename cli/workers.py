"""`ocrq workers`: what each worker does now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from cli.app import App, pass_app
from cli.display import (
    format_table,
    print_json,
    show_number,
    show_path,
    show_seconds,
    show_text,
)
from cli.settings_database import open_database
from store.pausing import held_since
from store.working import HeldPage, WorkerReport, report_workers


@click.command("workers")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """Show what each worker does now, and the pages that it reads.

    A worker notes itself every five seconds; one that was not heard of for longer is "silent": it
    was killed, its host is away, or the database is. Forgotten after a day.

    \b
    Example:  ocrq workers
    """
    with open_database(app.settings) as db:
        found = report_workers(db)
        held = held_since(db)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("No worker was heard of within a day; to start one: ocrq worker")
        return
    header = ("worker", "state", "device", "pages", "pages/min", "seen", "version", "schema")
    click.echo(format_table(header, [_row(worker) for worker in found]))
    for worker in found:
        if worker.pages:
            click.echo(f"\n{show_text(worker.owner)} reads:")
            click.echo("\n".join(f"  {_line(page)}" for page in worker.pages))
    if held is not None:
        click.echo("Everything is paused; to go on: ocrq resume --all", err=True)


def _row(worker: WorkerReport) -> Sequence[str]:
    return (
        show_text(worker.owner),
        _state(worker),
        show_text(worker.device),
        f"{len(worker.pages)} of {worker.concurrency}",
        show_number(worker.pages_per_minute, 1),
        f"{show_seconds(worker.seen_s)} ago",
        show_text(worker.version),
        show_text(worker.schema_version or "-"),
    )


def _state(worker: WorkerReport) -> str:
    if worker.silent:
        return "silent"
    if worker.draining_at is not None:
        return "draining" if worker.pages else "drained"
    return "reading" if worker.pages else "waiting"


def _line(page: HeldPage) -> str:
    since = ""
    if page.claimed_at is not None:
        since = f", for {show_seconds(max(0.0, (_now() - page.claimed_at).total_seconds()))}"
    attempt = f", attempt {page.attempt}" if page.attempt > 1 else ""
    process = f", process {page.pid}" if page.pid is not None else ""
    return (
        f"{show_path(page.path)} page {page.number}{since}{attempt}{process}"
        f" (page id {page.page_id})"
    )


def _now() -> datetime:
    return datetime.now(UTC)
