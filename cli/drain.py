"""`ocrq drain`: give a worker a rest for maintenance."""

from __future__ import annotations

import time

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json
from cli.settings_database import open_database
from ocrq.errors import UsageError
from store.working import count_held, drain_workers, find_workers

_LOOK_EVERY_S = 0.5


@click.command("drain")
@click.argument("worker", required=False)
@click.option("--host", metavar="NAME", help="All workers of this host.")
@click.option("--undo", is_flag=True, help="Let it take pages again.")
@click.option("--wait", is_flag=True, help="Wait until its running pages are finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App, worker: str | None, host: str | None, undo: bool, wait: bool, as_json: bool
) -> None:
    """Let a worker finish the pages that it reads and take no more.

    WORKER is a name that `ocrq workers` shows. It stays up, drained, until it is stopped or --undo
    is given; a worker that is started anew is not drained. Others go on with the pages. --wait
    does not wait for a worker that was killed: once its leases have run out it reads nothing.

    \b
    Example:  ocrq drain --host scanner2 --wait
    """
    if (worker is None) == (host is None):
        raise UsageError("name a WORKER (`ocrq workers` lists them), or --host NAME")
    if undo and wait:
        raise UsageError("--undo has nothing to --wait for")
    with open_database(app.settings) as db:
        owners = find_workers(db, worker, host)
        changed = drain_workers(db, owners, undo=undo)
        running, lost = count_held(db, owners)
        while wait and running:
            time.sleep(_LOOK_EVERY_S)
            running, lost = count_held(db, owners)
    if as_json:
        print_json(
            {
                "workers": owners,
                "draining": not undo,
                "changed": changed,
                "running_pages": running,
                "lost_pages": lost,
            }
        )
        return
    verb = "takes pages again" if undo else "takes no more pages"
    for owner in owners:
        click.echo(f"{owner}: {verb}")
    if lost:
        click.echo(
            f"{count_of(lost, 'page')} of workers that are gone (silent, their leases have run"
            " out): another worker takes them over",
            err=True,
        )
    if not undo:
        click.echo(
            f"{count_of(running, 'page')} still being read; `ocrq workers` shows when they are"
            " finished"
            if running
            else "no page is being read there",
            err=True,
        )
