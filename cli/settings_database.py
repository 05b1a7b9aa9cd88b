"""The database that the settings name, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrq.config import Settings
from store.database import Database, parse_url


@contextmanager
def open_database(settings: Settings, *, create: bool = False) -> Iterator[Database]:
    """Open the database, close it at the end.

    The embedded default is made on first use, whatever the command. A database that a setting
    names is made only by commands that put work into it (`create`), and only when it is a SQLite
    file: a listing must not answer a mistyped name with an empty database.
    """
    db = Database.open(settings.sql_url, create=create or not settings.database_url)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def existing_database(settings: Settings) -> Iterator[Database | None]:
    """Open the database to look at it; None for a SQLite file that is not made yet."""
    url = parse_url(settings.sql_url)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").exists():
        yield None
        return
    db = Database.open(settings.sql_url)
    try:
        yield db
    finally:
        db.close()
