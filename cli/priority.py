"""`ocrq priority`: what is read sooner."""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.display import print_json, show_text
from cli.settings_database import open_database
from store.batches import resolve_batch
from store.pausing import set_priority


@click.command("priority")
@click.argument("batch")
@click.argument("priority", type=click.IntRange(0, 9))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(app: App, batch: str, priority: int, as_json: bool) -> None:
    """Read a batch sooner or later.

    9 is the soonest, 5 the default. All pages of a higher priority are started before those of a
    lower one; batches of the same priority take turns, page by page, so that a small one is not
    held up by a large one.

    \b
    Example:  ocrq priority scans-20261120-1 9
    """
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch)
        before = set_priority(db, found.id, priority)
    if as_json:
        print_json({"batch": found.name, "priority": priority, "before": before})
    elif before == priority:
        click.echo(f"{show_text(found.name)}: has the priority {priority} already")
    else:
        click.echo(f"{show_text(found.name)}: priority {priority}, was {before}")
