"""What the drivers of both databases raise, as errors of ours with a sentence for people."""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy import URL, exc

from ocrq.errors import StoreForbidden, StoreFull, StoreUnavailable

#: What PostgreSQL calls a full disk, a write where none is taken, and a right that is missing.
_FULL, _READ_ONLY, _FORBIDDEN = "53100", "25006", "42501"
#: A row that no partition takes; our tables have no CHECK constraints, which have the same code.
_NO_PARTITION = "23514"

#: What SQLite says where it cannot write: a file of another user, a mount that is read only.
_NOT_WRITABLE = ("readonly", "unable to open")


def driver_errors(dialect: Literal["sqlite", "postgresql"]) -> tuple[type[Exception], ...]:
    """What a driver itself raises when the database is not usable just now."""
    if dialect == "sqlite":
        return (sqlite3.OperationalError, sqlite3.InterfaceError)
    import psycopg

    refused = (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)
    no_partition = psycopg.errors.CheckViolation
    return (psycopg.OperationalError, psycopg.InterfaceError, *refused, no_partition)


def unavailable(url: URL, error: Exception) -> StoreUnavailable:
    """The error of ours for one of a driver, or for SQLAlchemy's around it."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if _is_full(cause):
        return StoreFull(f"no space is left on the disk of the database {shown(url)}")
    sentence = f"the database {shown(url)} is not usable just now: {str(cause).strip()}"
    if _sqlstate(cause) == _FORBIDDEN:
        return StoreForbidden(
            f"{sentence}; this user needs SELECT, INSERT, UPDATE and DELETE on the tables of ocrq,"
            " or must own them: `ocrq doctor` names what is missing"
        )
    if _sqlstate(cause) == _NO_PARTITION:
        return StoreForbidden(
            f"{sentence}; the partitions of the table characters are full, and only its owner can"
            " make more: run `ocrq db upgrade` as that role"
        )
    if _sqlstate(cause) == _READ_ONLY:
        sentence += "; it is a standby, or set to be read only"
    if isinstance(cause, sqlite3.OperationalError) and any(w in str(cause) for w in _NOT_WRITABLE):
        sentence += "; this user must be able to write the file and its folder, to look at it too"
    return StoreUnavailable(sentence)


def is_refused(error: exc.DBAPIError) -> bool:
    """Whether the server would take this statement from another user, or at another time."""
    return _sqlstate(error.orig) in (_READ_ONLY, _FORBIDDEN, _NO_PARTITION)


def is_about_schema(error: Exception) -> bool:
    """A table, column or view that is not there (any more), as each database says it."""
    cause: object = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return "no such " in str(cause) or "has no column" in str(cause)
    return _sqlstate(cause).startswith("42")


def shown(url: URL) -> str:
    """A database as people know it: the file, or the URL without its password."""
    database = url.database if url.drivername.startswith("sqlite") else None
    return database or url.render_as_string(hide_password=True)


def _is_full(cause: object) -> bool:
    sqlite_code = getattr(cause, "sqlite_errorcode", None)
    return sqlite_code == sqlite3.SQLITE_FULL or _sqlstate(cause) == _FULL


def _sqlstate(cause: object) -> str:
    """PostgreSQL's five characters; '' for anything else."""
    return str(getattr(cause, "sqlstate", None) or "")
