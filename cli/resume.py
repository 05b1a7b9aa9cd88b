"""`ocrq resume`: go on with what was paused."""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.display import print_json, show_text
from cli.settings_database import open_database
from ocrq.errors import UsageError
from store.batches import resolve_batch
from store.pausing import held_since, paused_batches, release_everything, resume_batch
from store.ringing import count_slots
from worker.enqueue import ring

#: Bells: enough that a worker looks; it rings for the rest.
_SOME_PAGES = 8


@click.command("resume")
@click.argument("batch", required=False)
@click.option("--all", "is_all", is_flag=True, help="Take back `ocrq pause --all`.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(app: App, batch: str | None, is_all: bool, as_json: bool) -> None:
    """Go on with a paused batch, or with everything.

    A batch goes on beside the others of its priority, not before them. --all takes back
    `ocrq pause --all`; batches that were paused by themselves are named and stay paused.

    \b
    Example:  ocrq resume scans-20261120-1
    """
    if bool(batch) == is_all:
        raise UsageError("name a BATCH, or --all for everything")
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch) if batch else None
        changed = release_everything(db) if found is None else resume_batch(db, found.id)
        still = [paused.name for paused in paused_batches(db)]
        held = held_since(db)
        children = count_slots(db)
    if changed:
        ring(app.settings, _SOME_PAGES, children)
    if as_json:
        print_json(
            {
                "batch": found.name if found else None,
                "changed": changed,
                "everything_is_paused": held is not None,
                "still_paused": still,
            }
        )
        return
    what = show_text(found.name) if found else "everything"
    click.echo(f"{what}: {'goes on' if changed else 'was not paused'}")
    if found is not None and held is not None:
        click.echo("Everything is paused all the same; to go on: ocrq resume --all", err=True)
    if found is None and still:
        names = ", ".join(show_text(name) for name in still)
        click.echo(f"Paused by themselves, still: {names}", err=True)
