"""Databases of any size, made inside the database: the bulk that a measured step then works beside.

Only the bulk is made so; what is measured goes through the functions that ocrq itself uses.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from ocrq.types import PageOptions
from store.batches import Batch, open_batch, seal_batch
from store.database import Database, Dialect
from store.migrate import upgrade
from tests.services import PostgresServer, running_postgres

#: PostgreSQL as it is installed, but for the memory: 128 MB would hold neither database.
SERVER = {"shared_buffers": "512MB", "max_wal_size": "4GB"}

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, {last}))",
}
_HASH = {
    "sqlite": "lower(hex(randomblob(32)))",
    "postgresql": "md5(random()::text) || md5(random()::text)",
}
_BYTES = {
    "sqlite": "CAST({path} AS blob)",
    "postgresql": "convert_to({path}, 'UTF8')",
}
_WRITTEN_TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
)
_NOW = "'2026-01-01 00:00:00.000000Z'"


@contextmanager
def databases(dialect: Dialect, count: int) -> Iterator[list[Database]]:
    """So many empty databases side by side."""
    if dialect == "sqlite":
        with tempfile.TemporaryDirectory(prefix="ocrq-scale-") as folder:
            urls = [f"sqlite:///{Path(folder) / f'{number}.db'}" for number in range(count)]
            yield from _opened(urls)
        return
    with running_postgres(SERVER) as server:
        for number in range(count):
            server.execute(f"CREATE DATABASE scale_{number}")
        yield from _opened([server.url(f"scale_{number}") for number in range(count)])


def _opened(urls: list[str]) -> Iterator[list[Database]]:
    found = []
    for url in urls:
        upgrade(url)
        found.append(Database.open(url))
    try:
        yield found
    finally:
        for db in found:
            db.close()


def add_batch(db: Database, name: str, page_count: int, *, priority: int = 5) -> Batch:
    """A sealed batch of documents of one queued page each, straight into the tables."""
    options = PageOptions()
    batch = open_batch(db, name=name, options=options, options_hash="scale", priority=priority)
    path = f"'/scans/{name}/' || i || '.png'"
    with db.write() as conn:
        before = conn.execute(text("SELECT coalesce(max(id), 0) FROM documents")).scalar_one()
        _insert(
            conn,
            "documents (batch_id, path, path_bytes, sha256, size_bytes, mtime_ns, media_type,"
            " page_count, created_at)",
            f"{batch.id}, {path}, {_BYTES[db.dialect].format(path=path)}, {_HASH[db.dialect]},"
            f" 100000 + i % 1000, i, 'image/png', 1, {_NOW}",
            page_count,
        )
        conn.execute(
            text(
                "INSERT INTO pages (batch_id, document_id, number, megapixels, state, turn)"
                f" SELECT {batch.id}, id, 1, 8.7, 'queued', id - {before} FROM documents"
                f" WHERE batch_id = {batch.id} ORDER BY id"
            )
        )
    seal_batch(db, batch.id)
    return batch


def settle(db: Database) -> None:
    """Leave the database as autovacuum does a while after so many changes.

    It does not come to a table that nobody wrote to. PostgreSQL would remember of one that it is
    empty, and the first plan of each connection, that of a foreign key for instance, would read it
    from end to end until the next visit, however many rows come meanwhile.
    """
    with db.engine.connect() as conn:
        if db.dialect == "postgresql":
            autocommit = conn.execution_options(isolation_level="AUTOCOMMIT")
            for table in autocommit.execute(text(_WRITTEN_TABLES)).scalars().all():
                autocommit.exec_driver_sql(f"VACUUM (ANALYZE) {table}")
            autocommit.exec_driver_sql("CHECKPOINT")
        else:
            conn.exec_driver_sql("ANALYZE")
            conn.commit()


def use_log(server: PostgresServer, files: int) -> None:
    """Leave the server's log as it is after days of work: files that are there are used again.

    A new server makes each file of 16 MB when it is needed, writes it full of zeros and waits for
    the disk, and every commit waits with it.
    """
    for _ in range(files):
        server.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
    server.execute("CHECKPOINT")


def _insert(conn: Connection, into: str, values: str, count: int) -> None:
    numbers = _NUMBERS[conn.dialect.name].format(last=count)
    conn.execute(text(f"INSERT INTO {into} {numbers} SELECT {values} FROM n"))
