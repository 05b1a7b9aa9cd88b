"""Range partitions of `characters` on PostgreSQL, made ahead of the readings that need them."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass

from sqlalchemy import Connection

from ocrq.errors import StoreUnavailable
from store.database import Database

logger = logging.getLogger(__name__)

#: Readings in one partition: about 100 million characters, 10 GB.
SPAN_READINGS = 50_000
#: Whole partitions kept ready ahead of the newest reading.
AHEAD = 3

_LOCK_KEY = 0x6F637271  # "ocrq": one process at a time makes partitions

#: Only the owner of a table can attach partitions to it, and drop them; a migration has to own all.
_OWNER = (
    "SELECT o.rolname, quote_ident(o.rolname), o.rolname = current_user,"
    " pg_has_role(current_user, o.oid, 'MEMBER'),"
    " has_schema_privilege(o.oid, current_schema(), 'CREATE')"
    " FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = 'characters'::regclass"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How far the partitions that are there reach."""

    may_make: bool  # whether this role can make the next ones
    owner: str  # the role that can
    room: int  # readings that fit in what is there


def foresee_partitions(db: Database) -> Outlook:
    """Whether this role can make the partitions to come, and when they are needed (PostgreSQL)."""
    with db.read() as conn:
        owner, _quoted, is_owner, is_member, owner_may = conn.exec_driver_sql(_OWNER).one()
        newest = conn.exec_driver_sql("SELECT last_value FROM readings_id_seq").scalar_one()
        existing = _existing(conn)
    edge = partition_of(newest)
    while edge in existing:
        edge += 1
    return Outlook(
        may_make=(is_owner or is_member) and owner_may,
        owner=owner,
        room=max(0, edge * SPAN_READINGS - newest - 1),
    )


def keep_partitions(db: Database) -> None:
    """`ensure_partitions` for who has other things to do: what is in its way is logged.

    There is room for some hundred thousand readings then, and it is tried again.
    """
    known = db.partitions_until
    try:
        ensure_partitions(db)
    except StoreUnavailable as error:
        level = logging.WARNING if db.partitions_until != known else logging.DEBUG
        logger.log(level, "the next partitions of characters cannot be made: %s", error)


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
        _become_owner(conn)
        for number in sorted(missing):
            _make(conn, number)
    return len(missing)


def _become_owner(conn: Connection) -> None:
    """Until the end of the transaction, if this role is a member of the owner's."""
    _owner, quoted, is_owner, is_member, _may = conn.exec_driver_sql(_OWNER).one()
    if is_member and not is_owner:
        conn.exec_driver_sql(f"SET LOCAL ROLE {quoted}")


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
    _become_owner(conn)
    used = conn.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM readings WHERE id >= {first} AND id < {first + SPAN_READINGS})"
        f" OR EXISTS (SELECT FROM {name})"
    ).scalar_one()
    if used:
        return False
    conn.exec_driver_sql(f"DROP TABLE {name}")
    return True
