"""The database that the settings name, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ocrq.config import Settings
from store.database import Database


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
