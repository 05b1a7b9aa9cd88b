"""Results that are made ready once: a benchmark's workers leave the processor to the database.

Where 64 workers are 64 other machines, what they do to write a page down (rows out of characters,
text out of rows) costs the database nothing. On the cores that it shares with them here it does:
ten milliseconds a page. The statements and the bytes that the database is sent stay the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from ocrq.types import PageResult
from store import results
from store.leases import Claim

_MARK = b"\x00"  # in no text that PostgreSQL takes


def make_lean() -> None:
    """From now on this process writes one and the same page again and again."""
    prepare = results._prepare
    rows: list[results._Rows] = []
    blocks: dict[str, bytes] = {}

    def prepared(claim: Claim, result: PageResult) -> results._Rows:
        if not rows:
            rows.append(prepare(claim, result))
        reading = rows[0].reading | {"page_id": claim.page_id}
        return dataclasses.replace(rows[0], reading=reading)

    def insert_block(
        conn: Connection, table: Table, columns: Sequence[str], found: Iterable[Sequence[Any]]
    ) -> None:
        lines = iter(found)
        first = next(lines)
        if table.name not in blocks:
            blocks[table.name] = b"".join(_line(row) for row in (first, *lines))
        driver: Any = conn.connection.driver_connection
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(blocks[table.name].replace(_MARK, str(first[0]).encode()))

    # Names of the module: what is measured is what calls them.
    results._prepare = prepared
    results.insert_rows = insert_block  # type: ignore[attr-defined, assignment]


def _line(row: Sequence[Any]) -> bytes:
    """A row as COPY reads it, with a mark for the reading."""
    words = [
        b"\\N" if value is None else str(value).replace("\\", "\\\\").encode() for value in row[1:]
    ]
    return b"\t".join((_MARK, *words)) + b"\n"
