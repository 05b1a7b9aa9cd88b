"""`ocrq db`: the database's schema and place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import print_json, show_path
from ocrq.errors import ExitCode
from store.database import Database, parse_url
from store.schema import SCHEMA_VERSION


@click.group("db")
def command() -> None:
    """Create, upgrade, back up or find the database."""


@command.command("upgrade")
@click.option("--revision", default="head", show_default=True, help="Stop at this revision.")
@pass_app
def upgrade(app: App, revision: str) -> None:
    """Bring the database to the schema of this program.

    Makes a missing SQLite file, fills an empty PostgreSQL database, upgrades an older schema.
    Stop the workers first, and have a backup. A database that is current stays as it is, but for
    room for the next readings (partitions on PostgreSQL), which only the tables' owner can make.

    \b
    Example:  ocrq db upgrade
              OCRQ_DATABASE_URL=postgresql+psycopg://ocrq@host/ocrq ocrq db upgrade
    """
    from store import migrate  # Alembic is slow to load, and `db path` does without
    from store.partitions import keep_partitions

    url = app.settings.sql_url
    before = migrate.current(url)
    migrate.upgrade(url, revision)
    after = migrate.current(url)
    if after == SCHEMA_VERSION:
        with closing(Database.open(url)) as db:
            keep_partitions(db)  # for workers whose role may not
    where = _shown(url)
    if before == after:
        click.echo(f"{where} is at {after} already.")
    else:
        click.echo(f"{where} went from {before or 'empty'} to {after}.")


@command.command("current")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def current(app: App, as_json: bool) -> int:
    """Show the schema of the database, and the one that this program needs.

    The exit code is 0 when they agree, else 74.

    \b
    Example:  ocrq db current
    """
    from store import migrate

    found = migrate.current(app.settings.sql_url)
    if as_json:
        print_json({"current": found, "needed": SCHEMA_VERSION})
    elif found == SCHEMA_VERSION:
        click.echo(f"{found} (current)")
    else:
        click.echo(f"{found or 'no schema'}; this program needs {SCHEMA_VERSION}: ocrq db upgrade")
    return ExitCode.DONE if found == SCHEMA_VERSION else ExitCode.STORE


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace FILE.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def backup(app: App, file: Path, force: bool, as_json: bool) -> None:
    """Copy a SQLite database into FILE, while workers go on.

    FILE is the database as of one moment, looked through for damage; it appears when it is whole.
    To copy the file of the database by other means is safe only when nothing has it open and no
    -wal lies beside it. PostgreSQL has pg_dump.

    
    Example:  ocrq db backup /backup/ocrq-20261120.db
    """
    from store.backup import back_up

    size_bytes = back_up(app.settings.sql_url, file, force=force)
    if as_json:
        print_json({"file": file, "size_bytes": size_bytes})
    else:
        click.echo(f"{show_path(str(file))}: {size_bytes:,} bytes")


@command.command("path")
@pass_app
def path(app: App) -> None:
    """Print the file of the database, or its URL (without the password).

    \b
    Example:  sqlite3 "$(ocrq db path)" "select count(*) from characters"
    """
    click.echo(_shown(app.settings.sql_url))


def _shown(url: str) -> str:
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite"):
        return str(parsed.database)
    return parsed.render_as_string(hide_password=True)
