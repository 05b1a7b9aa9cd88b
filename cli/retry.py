"""`ocrq retry`: queue failed pages again."""

from __future__ import annotations

import shlex

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json, show_text
from cli.settings_database import open_database
from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import resolve_batch
from store.queries import retry_pages
from worker.enqueue import ring


@click.command("retry")
@click.argument("batch", required=False)
@click.option("--all", "is_all", is_flag=True, help="The failed pages of all batches.")
@click.option(
    "--state",
    type=click.Choice([PageState.FAILED.value, PageState.QUARANTINED.value]),
    help="Only failed, or only quarantined pages.  [default: both]",
)
@click.option("--code", metavar="CODE", help="Only pages with this error code.")
@click.option(
    "--page",
    "page_ids",
    type=int,
    multiple=True,
    metavar="PAGE",
    help="Only this page id; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    batch: str | None,
    is_all: bool,
    state: str | None,
    code: str | None,
    page_ids: tuple[int, ...],
    as_json: bool,
) -> None:
    """Queue failed pages again.

    For pages whose cause is gone: a disk that was away, a limit that was raised, a newer ocrq. Each
    page gets all its attempts anew. A page that can never be read fails again, which does no harm.
    Workers read the pages; with `ocrq run --batch BATCH PATH...` no other worker is needed.

    \b
    Example:  ocrq retry scans-20261120-1 --code deadline
    """
    if bool(batch) + is_all + bool(page_ids and not batch) != 1:
        raise UsageError("name a BATCH, or --page PAGE, or --all for the pages of all batches")
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch) if batch else None
        queued = retry_pages(
            db,
            found.id if found else None,
            states=[PageState(state)] if state else [PageState.FAILED, PageState.QUARANTINED],
            error_code=code,
            page_ids=page_ids or None,
        )
    if page_ids and not queued:
        raise UsageError(
            "none of these pages is failed or quarantined in a batch that goes on;"
            " `ocrq failures` lists those that are"
        )
    ring(app.settings, queued)
    if as_json:
        print_json({"batch": found.name if found else None, "queued": queued})
        return
    where = f"{show_text(found.name)}: " if found else ""
    click.echo(f"{where}{count_of(queued, 'page')} queued again")
    if queued and found:
        click.echo(f"Look next: ocrq status {shlex.quote(found.name)} --watch", err=True)
