"""Column types that SQLite and PostgreSQL share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Connection, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

#: Keys: bigint on PostgreSQL; INTEGER on SQLite, where only that makes a column the row id.
Key = BigInteger().with_variant(Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """An instant: timestamptz on PostgreSQL, text of fixed width in UTC on SQLite.

    The text (`2026-11-20 13:25:05.123456Z`) sorts by time and compares with what SQLite's
    `datetime('now')` gives.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value if dialect.name == "postgresql" else utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        when: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return when.astimezone(UTC)


def stored_time(conn: Connection, when: datetime) -> datetime | str:
    """An instant as the driver takes it, where `UtcTime` is not asked (store/bulk.py)."""
    return when if conn.dialect.name == "postgresql" else utc_text(when)


def utc_text(when: datetime) -> str:
    """The text that SQLite keeps for an instant.

    >>> utc_text(datetime(2026, 11, 20, 13, 25, 5, 120000, tzinfo=UTC))
    '2026-11-20 13:25:05.120000Z'
    """
    text = when.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return f"{text}Z"
