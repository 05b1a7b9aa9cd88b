"""What a worker asks before it claims: may anything be started now, and by me?

One statement, with the time that the claim needs anyway: the schema's version (it may have been
upgraded under a running worker), whether everything is paused, whether this worker is drained.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    column,
    exists,
    literal_column,
    not_,
    or_,
    select,
    table,
)

from store.database import CLOCKS, Database
from store.ready import everything_is_held
from store.schema import SCHEMA_VERSION, workers

_VERSION = table("alembic_version", column("version_num", String))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What was found: the time of the queue, and whether this worker may claim."""

    now: datetime
    is_open: bool


def is_open_to_me() -> ColumnElement[bool]:
    """The same as a condition: what is not open to the bound `worker` gives no row."""
    return and_(_version() == SCHEMA_VERSION, not_(_is_closed()))


def _version() -> ScalarSelect[str]:
    return select(_VERSION.c.version_num).limit(literal_column("1")).scalar_subquery()


def _is_closed() -> ColumnElement[bool]:
    drained = exists().where(
        workers.c.owner == bindparam("worker"), workers.c.draining_at.is_not(None)
    )
    return or_(everything_is_held(), drained)


def _question(clock: ColumnElement[Any]) -> Select[Any]:
    return select(
        _version().label("version"), _is_closed().label("is_closed"), clock.label("clock")
    )


# Made once: building it takes longer than asking it.
_QUESTIONS = {dialect: _question(clock) for dialect, clock in CLOCKS.items()}


def ask(db: Database, conn: Connection, owner: str) -> Gate:
    """Ask for the worker whose name is the part of `owner` before the "/".

    Raises:
        StaleSchema: the database went to another schema version meanwhile.
    """
    worker = owner.partition("/")[0]
    found = conn.execute(_QUESTIONS[db.dialect], {"worker": worker}).one()
    if found.version != SCHEMA_VERSION:
        raise db.stale(found.version)
    return Gate(now=db.at(found.clock), is_open=not found.is_closed)
