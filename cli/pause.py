"""`ocrq pause`: start no more pages for the time being."""

from __future__ import annotations

import shlex

import click

from cli.app import App, pass_app
from cli.display import print_json, show_text
from cli.settings_database import open_database
from ocrq.errors import UsageError
from store.batches import resolve_batch
from store.pausing import hold_everything, pause_batch


@click.command("pause")
@click.argument("batch", required=False)
@click.option(
    "--all", "is_all", is_flag=True, help="Everything, batches submitted from now on included."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(app: App, batch: str | None, is_all: bool, as_json: bool) -> None:
    """Start no more pages of a batch, or of all, until `ocrq resume`.

    Pages that are being read are finished. With --all nothing is started, whatever is submitted
    meanwhile; batches that were paused by themselves stay so when everything is resumed.

    \b
    Example:  ocrq pause scans-20261120-1
    """
    if bool(batch) == is_all:
        raise UsageError("name a BATCH, or --all for everything")
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch) if batch else None
        changed = hold_everything(db) if found is None else pause_batch(db, found.id)
    if as_json:
        print_json({"batch": found.name if found else None, "paused": True, "changed": changed})
        return
    what = show_text(found.name) if found else "everything"
    click.echo(f"{what}: {'paused' if changed else 'was paused already'}")
    again = shlex.quote(found.name) if found else "--all"
    click.echo(f"To go on: ocrq resume {again}", err=True)
