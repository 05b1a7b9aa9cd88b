"""Range partitions of `characters` on PostgreSQL, made ahead of the readings that need them."""

from __future__ import annotations

import logging
import sys

from sqlalchemy import Connection

from ocrq.errors import StoreUnavailable
from store.database import Database

logger = logging.getLogger(__name__)

#: Readings in one partition: about 100 million characters, 10 GB.
SPAN_READINGS = 50_000
#: Whole partitions kept ready ahead of the newest reading.
AHEAD = 3

_LOCK_KEY = 0x6F637271  # "ocrq": one process at a time makes partitions


def ensure_partitions(db: Database) -> int:
    """Make the partitions that the next readings need; cheap when they are there.

    Returns:
        How many were made. Always 0 on SQLite, which has no partitions.
    """
    if db.dialect != "postgresql":
        db.partitions_until = sys.maxsize
        return 0
    with db.read() as conn:
        wanted = _wanted(conn)
        missing = wanted - _existing(conn)
    db.partitions_until = max(wanted)
    if not missing:
        return 0
    with db.write() as conn:
        conn.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        missing = wanted - _existing(conn)
        for number in sorted(missing):
            _make(conn, number)
    return len(missing)


def _make(conn: Connection, number: int) -> None:
    """Make and attach one partition; readings being written are not held up."""
    name = f"characters_p{number}"
    first = number * SPAN_READINGS
    # CREATE ... PARTITION OF would lock every writer and reader out; ATTACH does not
    conn.exec_driver_sql(
        f"CREATE TABLE {name} (LIKE characters INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    )
    conn.exec_driver_sql(
        f"ALTER TABLE characters ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({first}) TO ({first + SPAN_READINGS})"
    )


def partition_of(reading_id: int) -> int:
    """The number of the partition that holds the characters of a reading.

    >>> partition_of(49_999), partition_of(50_000)
    (0, 1)
    """
    return reading_id // SPAN_READINGS


def _wanted(conn: Connection) -> set[int]:
    newest = conn.exec_driver_sql("SELECT last_value FROM readings_id_seq").scalar_one()
    first = partition_of(newest)
    return set(range(first, first + AHEAD + 1))


def _existing(conn: Connection) -> set[int]:
    names = conn.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'characters'::regclass"
    ).scalars()
    return {int(name.removeprefix("characters_p")) for name in names}


def drop_empty_partitions(db: Database) -> int:
    """Give back the disk space of partitions whose readings were all pruned.

    A partition is left alone while it is anywhere near the newest reading (one that is being
    written has its number already), and when its lock is not free within a second: the next
    pruning finds it again.

    Returns:
        How many were dropped. Always 0 on SQLite.
    """
    if db.dialect != "postgresql":
        return 0
    with db.read() as conn:
        newest = conn.exec_driver_sql("SELECT last_value FROM readings_id_seq").scalar_one()
        old = sorted(n for n in _existing(conn) if n + 1 < partition_of(newest))
    dropped = 0
    for number in old:
        try:
            with db.write() as conn:
                dropped += _drop_if_empty(conn, number)
        except StoreUnavailable as error:
            logger.warning("partition characters_p%d is kept for now: %s", number, error)
    return dropped


def _drop_if_empty(conn: Connection, number: int) -> bool:
    name = f"characters_p{number}"
    first = number * SPAN_READINGS
    conn.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
    conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
    used = conn.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM readings WHERE id >= {first} AND id < {first + SPAN_READINGS})"
        f" OR EXISTS (SELECT FROM {name})"
    ).scalar_one()
    if used:
        return False
    conn.exec_driver_sql(f"DROP TABLE {name}")
    return True
