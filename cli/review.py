"""`ocrq review`: web pages on which people look at what was read and correct it."""

from __future__ import annotations

import secrets
from urllib.parse import quote

import click

from cli.app import App, pass_app
from cli.settings_database import open_database
from cli.user_name import user_name


@click.command("review")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8021,
    show_default=True,
    help="Port to listen on; 0: any that is free.",
)
@click.option("--reviewer", metavar="NAME", help="Who corrects.  [default: your user name]")
@click.option("--open", "open_browser", is_flag=True, help="Open the pages in a browser.")
@pass_app
def command(app: App, host: str, port: int, reviewer: str | None, open_browser: bool) -> None:
    """Look at pages and correct them in a browser.

    The address is printed; Ctrl-C ends the server. It lists batches and their pages, shows each
    page beside its text, and asks about the least certain characters one after the other, with
    what else they could be. What people say goes into the same tables as what `ocrq correct`
    writes, at once. It answers on this machine only; on any other address it asks for a token,
    OCRQ_REVIEW_TOKEN or one made up for this run, which is part of the address that is printed.

    \b
    Example:  ocrq review
              ocrq review --host 0.0.0.0 --port 8080
    """
    from review.access import Access, is_loopback
    from review.server import create_app, listening_socket, serve

    settings = app.settings
    token = settings.review_token or None
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(18)
    with open_database(settings) as db, listening_socket(host, port) as listening:
        web = create_app(db, settings, Access.of(host, token), reviewer or user_name())
        address = _address(host, listening.getsockname()[1], token)
        click.echo(f"Review at {address}")
        click.echo("Ctrl-C ends it; each correction is stored as it is made.", err=True)
        if open_browser:
            click.launch(address)
        serve(web, listening)


def _address(host: str, port: int, token: str | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"?token={quote(token)}" if token else "")
