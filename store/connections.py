"""How connections are opened, and which of a pool are still good."""

from __future__ import annotations

import select
import sqlite3
import time
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

#: Seconds that SQLite waits for another writer; our transactions last well below one second.
_BUSY_TIMEOUT_S = 30
#: A host that lost its network must notice it: without these a worker waits for a quarter of an
#: hour for an answer to what it sent, and for two hours when it only waits to be answered.
_POSTGRES_OPTIONS = {
    "application_name": "ocrq",
    "connect_timeout": 10,  # s
    "tcp_user_timeout": 20_000,  # ms
    "keepalives_idle": 10,  # s
    "keepalives_interval": 5,  # s
    "keepalives_count": 2,
}
#: A connection that was used so lately need not be asked whether it lives; see `_drop_if_closed`.
_TRUSTED_S = 10.0
_USED_S = "ocrq used s"


def make_engine(url: URL) -> Engine:
    """An engine with the settings that both the program and its migrations use."""
    if url.drivername.startswith("postgresql"):
        engine = create_engine(url, pool_size=2, max_overflow=3, connect_args=_POSTGRES_OPTIONS)
        event.listen(engine, "checkin", _note_time)
        event.listen(engine, "checkout", partial(_drop_if_closed, engine))
        return engine
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_time(_connection: Any, record: Any) -> None:
    record.info[_USED_S] = time.monotonic()


def _drop_if_closed(engine: Engine, connection: Any, record: Any, _proxy: Any) -> None:
    """Let the pool replace its connections when the server has closed this one.

    A server that ends a connection says so on it (and the kernel where it cannot), so that nothing
    has to be sent to find out: a question before each transaction was a fifth of all that went
    to and fro. Who was away without a word is noticed by what is asked next, as by a question.
    """
    used_s = record.info.get(_USED_S)
    if used_s is None:  # it is new
        return
    socket = select.poll()
    socket.register(connection.pgconn.socket, select.POLLIN)
    if time.monotonic() - used_s < _TRUSTED_S and not socket.poll(0):
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions late; we say BEGIN
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    # KiB. Beside a million files a commit touches a thousand pages of 4 KiB all over the indices;
    # the default of 2 MB would write and read them several times.
    connection.execute("PRAGMA cache_size=-16384")


def _begin_sqlite(conn: Connection) -> None:
    """Begin with the lock that the transaction will need: a late upgrade fails at once."""
    options = conn.get_execution_options()
    if options.get("ocrq_read_only"):
        conn.exec_driver_sql("PRAGMA query_only=ON")
        conn.exec_driver_sql("BEGIN")
        return
    conn.exec_driver_sql("PRAGMA query_only=OFF")
    # NORMAL loses the last commits at a power cut, never the consistency of the file
    synchronous = "FULL" if options.get("ocrq_durable") else "NORMAL"
    conn.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
    conn.exec_driver_sql("BEGIN IMMEDIATE")
