"""`ocrq cancel`: stop a batch."""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json, show_text
from cli.settings_database import open_database
from store.batches import resolve_batch
from store.cancelling import cancel_batch


@click.command("cancel")
@click.argument("batch")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(app: App, batch: str, as_json: bool) -> None:
    """Stop a batch; what is read stays.

    Pages that wait are cancelled, pages that are being read stop within seconds. A cancelled batch
    takes no more scans. To read the rest after all, submit it again under another name; files that
    were read already and are submitted with it are read anew. `ocrq pause` stops for a while only.

    \b
    Example:  ocrq cancel scans-20261120-1
    """
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch)
        cancelled = cancel_batch(db, found.id)
    if as_json:
        print_json({"batch": found.name, "cancelled": cancelled.pages})
    elif cancelled.pages:
        click.echo(f"{show_text(found.name)}: {count_of(cancelled.pages, 'page')} cancelled")
    elif cancelled.is_batch:
        click.echo(f"{show_text(found.name)}: cancelled; no page of its own was waiting")
    else:
        click.echo(f"{show_text(found.name)}: nothing to cancel, no page waits or is being read")
