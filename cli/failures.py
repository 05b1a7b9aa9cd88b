"""`ocrq failures`: the pages that have no reading, and why."""

from __future__ import annotations

import shlex

import click

from cli.app import App, pass_app
from cli.display import print_json, show_path, show_text
from cli.settings_database import open_database
from store.batches import resolve_batch
from store.queries import FailedPage, failed_pages


@click.command("failures")
@click.argument("batch", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="List so many pages at most.",
)
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    metavar="PAGE",
    help="Go on after this page id: the last one of the listing before.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(app: App, batch: str | None, limit: int, after: int, as_json: bool) -> None:
    """List the pages that could not be read, and why.

    Without BATCH those of all batches. The word in brackets is the error code; docs/page-errors.md
    and docs/errors.md say what each one means. "quarantined" pages killed their worker or ran past
    their deadline more than once.

    \b
    Example:  ocrq failures scans-20261120-1
    """
    with open_database(app.settings) as db:
        batch_id = resolve_batch(db, batch).id if batch else None
        found = failed_pages(db, batch_id, limit + 1, after)
    listed = found[:limit]
    if as_json:
        print_json(listed)
    else:
        for page in listed:
            click.echo(failure_line(page, with_batch=batch is None))
        if not found:
            click.echo("No page failed." if not after else "No more pages failed.")
    name = f" {shlex.quote(batch)}" if batch else ""
    if len(found) > limit:
        click.echo(f"There are more: ocrq failures{name} --after {listed[-1].page_id}", err=True)
    if listed and not as_json:
        click.echo(f"To try them again: ocrq retry{name or ' --all'}", err=True)


def failure_line(page: FailedPage, *, with_batch: bool) -> str:
    """A failed page for people; `with_batch` in a listing of several."""
    batch = f"batch {show_text(page.batch)}, " if with_batch else ""
    attempts = f", after {page.attempts} attempts" if page.attempts > 1 else ""
    return (
        f"{show_path(page.path)} page {page.number}: {show_text(page.error)} "
        f"[{page.error_code}] ({page.state}{attempts}; {batch}page id {page.page_id})"
    )
