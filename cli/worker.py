"""`ocrq worker`: read queued pages."""

from __future__ import annotations

from typing import cast

import click

from cli.app import App, pass_app
from ocrq.types import PageOptions
from worker.options import Device
from worker.serve import serve


@click.command("worker")
@click.option(
    "--concurrency",
    "-c",
    type=click.IntRange(1),
    metavar="N",
    help="Pages at a time.  [default: one a core; one a GPU]",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
    show_default=True,
    help="auto takes a GPU when there is one.",
)
@click.option(
    "--engine",
    default=PageOptions().engine,
    show_default=True,
    help="Loaded at the start; others when a page asks for them.",
)
@pass_app
def command(app: App, concurrency: int | None, device: str, engine: str) -> int:
    """Read queued pages until it is stopped.

    Start as many as you like, on any machine that sees the database and the scans. Ctrl-C (or
    SIGTERM) once: running pages are finished, waiting ones are left to other workers. Twice: at
    once. Either way nothing is lost.

    \b
    Example:  ocrq worker --concurrency 4
    """
    return serve(
        app.settings,
        app.env,
        concurrency=concurrency,
        device=cast(Device, device),
        engine=engine,
    )
