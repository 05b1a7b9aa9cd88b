"""Making and changing the schema with Alembic, from a checkout or an installed wheel."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, exc

from ocrq.errors import StoreError, StoreUnavailable
from store import result_tables
from store.connections import make_engine
from store.database import parse_url, schema_version
from store.driver_errors import is_refused, unavailable

metadata = result_tables.models.metadata  # with the tables of both modules

logger = logging.getLogger(__name__)

_LOCK_KEY = 0x6F637272  # one process at a time changes the schema

#: A migration that waits for a lock holds up everybody who comes after it: it waits this long,
#: lets the others pass, and tries again.
_LOCK_TIMEOUT_S = 2.0
_PAUSE_S = 1.0
_PATIENCE_S = 120.0
#: lock_not_available, deadlock_detected: PostgreSQL has undone everything, try again.
_IN_THE_WAY = ("55P03", "40P01")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, making a missing SQLite file.

    One transaction: it is there as a whole or not at all. On PostgreSQL it waits for nobody longer
    than some seconds at a time, so that pages in flight are written between two tries.

    Raises:
        StoreError: the revision is unknown, or the database is newer than this program.
        StoreUnavailable: the database cannot be reached, or is in use all the time.
    """
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite"):
        path = Path(parsed.database or "")
        if not path.exists():
            create_sqlite(path, revision)
    _upgrade(parsed, revision)


def _upgrade(url: URL, revision: str) -> None:
    _change(url, lambda conn: command.upgrade(_config(conn), revision))


def downgrade(url: str, revision: str) -> None:
    """Take a database back to an older revision ("base": no ocrq tables at all)."""
    _change(parse_url(url), lambda conn: command.downgrade(_config(conn), revision))


def _change(url: URL, change: Callable[[Connection], None]) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with _transaction(url) as conn:
                if conn.dialect.name == "postgresql":
                    conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S:g}s'")
                change(conn)
            return
        except StoreUnavailable as error:
            cause = error.__cause__.orig if isinstance(error.__cause__, exc.DBAPIError) else None
            if getattr(cause, "sqlstate", None) not in _IN_THE_WAY:
                raise
            if time.monotonic() > deadline_s:
                raise StoreUnavailable(
                    "the schema cannot be changed: somebody has used its tables all the time, for"
                    f" {_PATIENCE_S:g} s ({cause}); end long queries and transactions"
                    " (pg_stat_activity shows them), stop the workers, and try again"
                ) from error
            logger.warning("the tables are in use just now; trying again")
            time.sleep(_PAUSE_S)


def current(url: str) -> str | None:
    """The revision of a database; None when it has no ocrq schema or is not there yet."""
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite") and not Path(parsed.database or "").exists():
        return None
    with _transaction(parsed) as conn:
        return schema_version(conn)


def head() -> str:
    """The newest revision that this program brings along."""
    found = ScriptDirectory.from_config(_config(None)).get_current_head()
    if found is None:
        raise StoreError("the migrations are missing from this installation")
    return found


def check(url: str) -> list[str]:
    """The differences between the tables in the database and those in the code, in words."""
    with _transaction(parse_url(url)) as conn:
        context = MigrationContext.configure(conn, opts=context_options())
        return [str(difference) for difference in compare_metadata(context, metadata)]


def create_sqlite(path: Path, revision: str = "head") -> None:
    """Make a SQLite database at a revision, with its folder; nobody ever sees it half made.

    Raises:
        StoreError: the place does not take it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        try:
            _upgrade(URL.create("sqlite", database=str(draft)), revision)
            _publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, StoreUnavailable) as error:
        cause = error.__cause__.orig if isinstance(error.__cause__, exc.DBAPIError) else error
        raise StoreError(
            f"the database {path} cannot be created: {cause};"
            " set OCRQ_HOME (or OCRQ_DATABASE_URL) to a place where this user may write"
        ) from error


def _publish(draft: Path, path: Path) -> None:
    if path.exists():  # another process was faster, and may be using it
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        draft.rename(path)


def context_options() -> dict[str, Any]:
    """How Alembic compares and changes tables, the same for migrating and for checking."""
    return {
        "target_metadata": metadata,
        "include_object": _is_ours,
        "render_as_batch": True,  # SQLite changes a table by copying it
    }


def _is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _to: Any) -> bool:
    """Leave out partitions: they come and go with the readings, not with revisions."""
    return not (kind == "table" and name is not None and name.startswith("characters_p"))


def _config(conn: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config


@contextmanager
def _transaction(url: URL) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.begin() as conn:
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
            yield conn
    except (exc.DatabaseError, exc.InterfaceError) as error:
        is_away = isinstance(error, exc.OperationalError | exc.InterfaceError)
        if not is_away and not is_refused(error):
            raise
        raise unavailable(url, error) from error
    except Exception as error:
        from alembic.util import CommandError

        if isinstance(error, CommandError):
            raise StoreError(f"the schema cannot be changed: {error}") from error
        raise
    finally:
        engine.dispose()
