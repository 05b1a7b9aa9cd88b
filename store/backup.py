"""A copy of a SQLite database that is whole, made while others read and write it."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL

from ocrq.errors import StoreError, UsageError
from store.database import parse_url

#: Files beside a SQLite database that belong to it: with another database they are its ruin.
_SIDECARS = ("-wal", "-shm", "-journal")
_PAGES_AT_ONCE = 4096  # of the database, 4 KiB each; in between Ctrl-C is heard
_BUSY_TIMEOUT_S = 30


def back_up(url: str, target: Path, *, force: bool = False) -> int:
    """Write the database as it is at this moment into a file, which appears when it is whole.

    A copy of the file alone would lack what is committed in the `-wal` beside it.

    Args:
        url: SQLAlchemy URL of the database; of any schema.
        target: the file.
        force: replace a file that is there.

    Returns:
        The size of the backup in bytes.

    Raises:
        UsageError: the database is not SQLite, or the file is there already or is the database.
        StoreError: the database cannot be read or is damaged, or the file cannot be written.
    """
    parsed = parse_url(url)
    if not parsed.drivername.startswith("sqlite"):
        shown = URL.create(
            "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database
        ).render_as_string()
        raise UsageError(
            "a PostgreSQL database is backed up with its own program:"
            f" pg_dump --format=custom --file={target} {shown}"
        )
    source = Path(parsed.database or "")
    if not source.is_file():
        raise StoreError(f"there is no database {source}")
    _check_target(source, target, force)
    part = target.with_name(f".ocrq-{secrets.token_hex(4)}.part")
    try:
        _copy(source, part)
        shutil.copymode(source, part)
        size_bytes = part.stat().st_size
        for old in _sidecars(target):  # of the file that is replaced
            old.unlink(missing_ok=True)
        part.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        for left in (part, *_sidecars(part)):
            with suppress(OSError):
                left.unlink()
    return size_bytes


def damage(path: Path) -> str | None:
    """What SQLite finds first when it looks through a whole database file; None: nothing.

    Raises:
        StoreError: it cannot be looked through just now.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as conn:
            found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be looked through: {error}") from error
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else str(found)


def _check_target(source: Path, target: Path, force: bool) -> None:
    if target.is_dir() or (target.exists() and target.samefile(source)):
        raise UsageError(f"{target} is {'a folder' if target.is_dir() else 'the database itself'}")
    there = [path for path in (target, *_sidecars(target)) if path.exists()]
    if there and not force:
        raise UsageError(f"{there[0]} is there already; choose another name, or give --force")


def _copy(source: Path, part: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as old,
            closing(sqlite3.connect(part, isolation_level=None)) as new,
        ):
            # It is thrown away if anything goes wrong, and synced as a whole.
            new.execute("PRAGMA journal_mode=OFF")
            new.execute("PRAGMA synchronous=OFF")
            # A snapshot is held, else each commit of a worker would make it begin anew.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # With a function of Python in between, Ctrl-C is heard.
            old.backup(new, pages=_PAGES_AT_ONCE, progress=lambda *_: None)
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied to {part.parent}: {error}") from error
    found = damage(part)
    if found is not None:
        raise StoreError(
            f"{source} is damaged, no backup was made: {found};"
            " an older backup is better (docs/operations.md, Backup and restore)"
        )
    _sync(part)


def _sidecars(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in _SIDECARS]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
