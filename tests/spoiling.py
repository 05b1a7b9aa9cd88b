"""Databases as a bad disk leaves them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def spoil_database(path: Path) -> None:
    """Overwrite a page in the middle of a SQLite file."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096 * (path.stat().st_size // 4096 // 2))
        file.write(bytes(range(256)) * 16)
