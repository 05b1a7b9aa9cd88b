"""One connection pool to the database of this process, and the errors that come out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Select,
    column,
    exc,
    func,
    literal,
    make_url,
    null,
    select,
    table,
    type_coerce,
)

from ocrq.errors import ConfigError, StaleSchema, StoreError
from ocrq.types import EngineInfo
from store.clock import Clock
from store.columns import UtcTime
from store.connections import make_engine
from store.driver_errors import driver_errors, is_about_schema, is_refused, shown, unavailable
from store.schema import SCHEMA_VERSION

Dialect = Literal["sqlite", "postgresql"]

#: The time as a statement asks for it beside other things; `Database.at` says what it means.
CLOCKS: dict[Dialect, ColumnElement[Any]] = {
    "sqlite": null(),
    "postgresql": func.clock_timestamp(),
}

_VERSION: Select[str] = select(column("version_num")).select_from(table("alembic_version"))


class Database:
    """The database of this process; never to be carried over a fork."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.url = engine.url.render_as_string(hide_password=False)
        self.dialect = cast("Dialect", engine.dialect.name)
        self.clock = clock
        self.model_ids: dict[EngineInfo, int] = {}  # store/models.py remembers
        self.partitions_until: int | None = None  # store/partitions.py remembers
        self._pid = os.getpid()
        self._driver_errors = driver_errors(self.dialect)

    @classmethod
    def open(cls, url: str, *, clock: Clock | None = None, create: bool = False) -> Database:
        """Connect and check that the schema is the one of this program.

        Args:
            url: SQLAlchemy URL of SQLite (a file) or PostgreSQL.
            clock: where time comes from; the host's and the server's by default.
            create: make a missing SQLite file, with its folder and schema. A PostgreSQL schema
                is never made or changed here.

        Raises:
            ConfigError: not a URL of a database that ocrq knows.
            StaleSchema: the database has no schema, or that of another version.
            StoreUnavailable: it cannot be reached.
        """
        parsed = parse_url(url)
        if parsed.drivername.startswith("sqlite"):
            _prepare_file(parsed, create)
        db = cls(make_engine(parsed), clock or Clock())
        try:
            db.check_schema()
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def write(self, durable: bool = False) -> Iterator[Connection]:
        """One short transaction that may write; committed at the end, rolled back on an error.

        Args:
            durable: what is committed must survive a power cut (submits, corrections). Results
                need not: their page would simply be read again.
        """
        with self._transaction({"ocrq_durable": durable}) as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One short snapshot that cannot write. Hold it below a second: vacuum waits for it."""
        options: dict[str, Any] = {"ocrq_read_only": True}
        if self.dialect == "postgresql":
            options["postgresql_readonly"] = True
        with self._transaction(options) as conn:
            yield conn

    @contextmanager
    def statement(self, write: bool = False) -> Iterator[Connection]:
        """For a single statement, which is a transaction of its own.

        On PostgreSQL it is one round trip, where one within `read` or `write` is three.
        """
        if self.dialect == "sqlite":
            with self.write() if write else self.read() as conn:
                yield conn
            return
        with self._transaction({"isolation_level": "AUTOCOMMIT"}) as conn:
            yield conn

    def now(self, conn: Connection) -> datetime:
        """The time of the queue, UTC: the server's on PostgreSQL, the host's on SQLite."""
        if self.dialect == "sqlite":
            return self.clock.now()
        return self.at(conn.execute(select(CLOCKS["postgresql"])).scalar_one())

    def at(self, clock: datetime | None) -> datetime:
        """The time of the queue by what a statement got for `CLOCKS`."""
        if clock is None:
            return self.clock.now()
        return clock.astimezone(UTC) + timedelta(seconds=self.clock.offset_s)

    def now_here(self, later: timedelta = timedelta()) -> ColumnElement[datetime]:
        """The time of the queue inside a statement: when it began, on PostgreSQL; or later."""
        if self.dialect == "sqlite":
            return literal(self.clock.now() + later, UtcTime)
        offset = literal(timedelta(seconds=self.clock.offset_s) + later)
        return type_coerce(func.statement_timestamp() + offset, UtcTime)

    def close(self) -> None:
        """Close the connections; the object cannot be used afterwards."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        if os.getpid() != self._pid:
            raise StoreError("a Database was used in a forked process; open one after the fork")
        try:
            with self.engine.connect() as conn:
                conn.execution_options(**options)
                with conn.begin():
                    yield conn
        except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
            self._raise_if_stale(error)
            raise unavailable(self.engine.url, error) from error
        except exc.DatabaseError as error:
            self._raise_if_stale(error)
            if is_refused(error):
                raise unavailable(self.engine.url, error) from error
            if type(error) is not exc.DatabaseError:  # an error of a statement, not of the file
                raise
            raise StoreError(f"{shown(self.engine.url)} cannot be read: {error.orig}") from error
        except self._driver_errors as error:  # COPY and executemany speak to the driver directly
            self._raise_if_stale(error)
            raise unavailable(self.engine.url, error) from error

    def check_schema(self) -> None:
        """Make sure that the schema is still the one of this program.

        Raises:
            StaleSchema: it is another one, or there is none.
            StoreUnavailable: the database cannot be reached.
        """
        with self.statement() as conn:
            found = conn.execute(_VERSION).scalar()
        if found != SCHEMA_VERSION:
            raise self.stale(found)

    def stale(self, found: str | None) -> StaleSchema:
        """The error for a database with this schema instead of ours."""
        state = f"has schema {found}" if found else "has no ocrq schema yet"
        cure = "run `ocrq db upgrade`"
        if found is not None and found > SCHEMA_VERSION:
            cure = "install the newer ocrq that upgraded it"
        return StaleSchema(
            f"the database {shown(self.engine.url)} {state}, this program needs"
            f" {SCHEMA_VERSION}; {cure}"
        )

    def _raise_if_stale(self, error: Exception) -> None:
        """A statement failed: because somebody changed the schema under this process?"""
        if not is_about_schema(error):
            return
        try:
            with self.engine.connect() as conn:
                conn.execution_options(ocrq_read_only=True)
                found = schema_version(conn)
        except exc.DBAPIError:
            return  # what failed first tells more
        if found != SCHEMA_VERSION:
            raise self.stale(found) from error


def parse_url(url: str) -> URL:
    """Check a database URL.

    Raises:
        ConfigError: names the kinds that are accepted.
    """
    accepted = "sqlite:////folder/ocrq.db or postgresql+psycopg://user@host/name"
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise ConfigError(f"not a database URL; accepted: {accepted}") from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise ConfigError(f"no database of kind {parsed.drivername!r}; accepted: {accepted}")
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ConfigError("SQLite needs a file: workers and commands are separate processes")
    return parsed


def schema_version(conn: Connection) -> str | None:
    """The revision that Alembic noted, without loading Alembic; None for an empty database."""
    if not conn.dialect.has_table(conn, "alembic_version"):
        return None
    found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _prepare_file(url: URL, create: bool) -> None:
    path = Path(url.database or "")
    if path.exists():
        return
    if not create:
        raise StoreError(
            f"there is no database {path} yet; `ocrq submit` makes it, or `ocrq db upgrade`"
        )
    from store import migrate  # Alembic is slow to import and only needed here

    migrate.create_sqlite(path)
