"""Batches: what was submitted together, with one set of options and one name."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ocrq.errors import NotFound, UsageError
from ocrq.types import PageOptions, PageState
from store.database import Database
from store.near_names import near_names
from store.old_versions import set_aside_old_versions
from store.ready import literal_state
from store.schema import batches, pages
from store.submits import begin_submit, end_submit, is_being_filled
from store.windows import Window

#: Of finding a free name for a batch beside others who look for one.
_NAME_TRIES = 20
#: Controls, surrogates and the ends of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


class BatchState(StrEnum):
    """What a batch waits for; derived, never stored."""

    OPEN = "open"  # its submit has not ended (or was interrupted: run it again)
    SEALED = "sealed"  # complete, with pages to do
    PAUSED = "paused"  # no page is started until it is resumed
    DONE = "done"  # complete, and no page is left to do
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A row of `batches`."""

    id: int
    name: str
    options: PageOptions
    options_hash: str
    priority: int  # 0..9, 9 is the soonest
    created_at: datetime
    sealed_at: datetime | None
    paused_at: datetime | None
    cancelled_at: datetime | None
    finished_at: datetime | None  # noted by a worker's tick, some time after the last page
    time_window: str | None = None  # a `store.windows.Window` as text
    opens_at: datetime | None = None  # the present or next opening by it
    closes_at: datetime | None = None

    @property
    def state(self) -> BatchState:
        """The state as the row tells it; `batch_progress` looks at the pages too."""
        if self.cancelled_at is not None:
            return BatchState.CANCELLED
        if self.sealed_at is not None and self.finished_at is not None:
            return BatchState.DONE
        if self.paused_at is not None:
            return BatchState.PAUSED
        return BatchState.SEALED if self.sealed_at is not None else BatchState.OPEN


def open_batch(
    db: Database,
    *,
    name: str | None,
    options: PageOptions,
    options_hash: str,
    priority: int = 5,
    window: Window | None = None,
    submit: str | None = None,
) -> Batch:
    """Make a batch, or take up the one of that name: it is unsealed and takes more documents.

    Args:
        db: the database.
        name: a new or an existing one; None makes `scans-20261120-1`.
        options: how its pages are to be read.
        options_hash: their fingerprint, model included.
        priority: 0..9, 9 is the soonest; an existing batch keeps its own.
        window: the hours in which its pages are read; an existing batch keeps its own.
        submit: a name that no other submit has. Until it seals or leaves the batch the batch is
            open, if it gives a sign of life (`store.submits.see_submit`).

    Raises:
        UsageError: the batch exists with other options or another window, or was cancelled; or a
            new one cannot have that name.
    """
    if not 0 <= priority <= 9:
        raise UsageError(f"priority must be 0..9 (9 is the soonest), not {priority}")
    with db.write(durable=True) as conn:
        now = db.now(conn)
        if name is not None and not _is_there(conn, name):
            check_name(name)
        # Whoever gave no name wants a batch of their own, not one that just took the free name.
        names = [name] if name is not None else numbered_names(conn, f"scans-{now:%Y%m%d}-")
        while True:
            made = insert_batch(
                conn,
                now,
                names=names,
                options=options,
                options_hash=options_hash,
                priority=priority,
                window=window,
            )
            if made is not None:
                if submit is not None:
                    begin_submit(conn, made.id, submit, now)
                return made
            taken_up = conn.execute(
                update(batches)
                .where(batches.c.name == name)
                .values(sealed_at=None, finished_at=None)
                .returning(batches)
            ).first()
            if taken_up is not None:  # else it was pruned just now, and its name is free
                batch = batch_of(taken_up)
                check_same(batch, options, options_hash, window)
                if submit is not None:
                    begin_submit(conn, batch.id, submit, now)
                return batch


def check_name(name: str) -> None:
    """Refuse what a new batch must not be called; batches of before keep such names.

    Raises:
        UsageError: says what such a name would do.
    """
    if not name.strip():
        raise UsageError("a batch needs a name that is not empty")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise UsageError(
            f"a batch cannot be called {name!r}: line breaks and other control characters would"
            " tear listings apart; give a name without them"
        )


def check_same(
    batch: Batch, options: PageOptions, options_hash: str, window: Window | None
) -> None:
    """Refuse a submit that does not fit an existing batch.

    Raises:
        UsageError: the batch was cancelled, or has other options or another window.
    """
    _check_same_options(batch, options, options_hash)
    _check_same_window(batch, window)


def insert_batch(
    conn: Connection,
    now: datetime,
    *,
    names: Iterable[str],
    options: PageOptions,
    options_hash: str,
    priority: int,
    window: Window | None,
) -> Batch | None:
    """Make a batch of the first of these names that is free, in the caller's transaction.

    The insert decides which one is: of several that look for a free name at once, all see the same.

    Returns:
        None: all are taken.
    """
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    opens_at, closes_at = window.at(now) if window else (None, None)
    for name in names:
        made = conn.execute(
            insert(batches)
            .values(
                name=name,
                created_at=now,
                options=options.to_json(),
                options_hash=options_hash,
                priority=priority,
                time_window=str(window) if window else None,
                opens_at=opens_at,
                closes_at=closes_at,
            )
            .on_conflict_do_nothing(index_elements=[batches.c.name])
            .returning(batches)
        ).first()
        if made is not None:
            return batch_of(made)
    return None


def numbered_names(conn: Connection, prefix: str) -> Iterator[str]:
    """The prefix with the lowest number above all that are taken, looked for anew each time.

    Raises:
        UsageError: others were faster again and again.
    """
    for _ in range(_NAME_TRIES):
        taken = conn.execute(
            select(batches.c.name).where(batches.c.name.startswith(prefix, autoescape=True))
        ).scalars()
        numbers = [int(name[len(prefix) :]) for name in taken if name[len(prefix) :].isdecimal()]
        yield f"{prefix}{max(numbers, default=0) + 1}"
    raise UsageError(f"others took the next name {prefix}... {_NAME_TRIES} times; give a name")


def seal_batch(db: Database, batch_id: int, submit: str | None = None) -> None:
    """A submit is complete: when no other one is at work on it, the batch can be done."""
    set_aside_old_versions(db, batch_id)
    with db.write(durable=True) as conn:
        conn.execute(update(batches).where(batches.c.id == batch_id).values(sealed_at=db.now(conn)))
        if submit is not None:
            end_submit(conn, submit)


def leave_batch(db: Database, submit: str) -> None:
    """A submit stops before its end: it seals nothing, and the batch waits for it no longer."""
    with db.write() as conn:
        end_submit(conn, submit)


def resolve_batch(db: Database, name_or_id: str, *, ids_win: bool = False) -> Batch:
    """The batch that a user means by a name or an id.

    Args:
        db: the database.
        name_or_id: what the user gave.
        ids_win: a number is an id first, for addresses that are made of ids; else a name first.

    Raises:
        NotFound: there is none; the message lists near names.
    """
    asked = [batches.c.name == name_or_id] if "\0" not in name_or_id else []
    if name_or_id.isdecimal() and len(name_or_id) < 19:
        asked.insert(0 if ids_win else 1, batches.c.id == int(name_or_id))
    with db.read() as conn:
        for condition in asked:
            found = conn.execute(select(batches).where(condition)).first()
            if found is not None:
                return batch_of(found)
        newest = select(batches.c.name).order_by(batches.c.id.desc()).limit(500)
        names = list(conn.execute(newest).scalars())
        total = conn.execute(select(func.count()).select_from(batches)).scalar_one()
    hint = near_names(name_or_id, names, total=total) or "; nothing was submitted yet"
    raise NotFound(f"there is no batch {name_or_id!r}{hint}")


def _is_there(conn: Connection, name: str) -> bool:
    return conn.execute(select(batches.c.id).where(batches.c.name == name)).first() is not None


def finish_batches(db: Database) -> int:
    """Note the sealed batches that have no page left to do, so that claims pass them by.

    One that a submit is at work on is left out.

    Called by a worker's tick. Whatever queues a page again clears the note in its transaction.

    Returns:
        How many were finished.
    """
    has_pages_left = or_(*(_has_page(state) for state in (PageState.QUEUED, PageState.LEASED)))
    candidates = [
        batches.c.finished_at.is_(None),
        batches.c.cancelled_at.is_(None),
        batches.c.sealed_at.is_not(None),
    ]
    with db.read() as conn:
        unfinished = or_(has_pages_left, is_being_filled(db.now(conn)))
        seen = list(conn.execute(select(batches.c.id).where(*candidates, ~unfinished)).scalars())
    if not seen:
        return 0
    with db.write() as conn:
        # Locked first, looked at in a second statement: a page queued in between is seen, and
        # whoever queues one now waits for this row.
        locked = conn.execute(
            select(batches.c.id)
            .where(*candidates, batches.c.id.in_(seen))
            .with_for_update(skip_locked=True)
        ).scalars()
        now = db.now(conn)
        unfinished = or_(has_pages_left, is_being_filled(now))
        return conn.execute(
            update(batches)
            .where(batches.c.id.in_(list(locked)), ~unfinished)
            .values(finished_at=now)
        ).rowcount


def _has_page(state: PageState) -> ColumnElement[bool]:
    """Of a row of `batches`, by the index pages_batch_state.

    Not by EXISTS: a connection that first asked while the queue was empty would go on to read all
    pages each time, once for all batches, until somebody has counted the table.
    """
    some = select(pages.c.id).where(
        pages.c.batch_id == batches.c.id, pages.c.state == literal_state(state)
    )
    return (
        some.order_by(pages.c.batch_id, pages.c.state, pages.c.id)
        .limit(literal_column("1"))
        .scalar_subquery()
        .is_not(None)
    )


def _check_same_options(batch: Batch, options: PageOptions, options_hash: str) -> None:
    if batch.cancelled_at is not None:
        raise UsageError(f"batch {batch.name!r} was cancelled; submit under another name")
    if batch.options_hash == options_hash:
        return
    old, new = json.loads(batch.options.to_json()), json.loads(options.to_json())
    differing = [f"{key} {old[key]!r} (now {new[key]!r})" for key in new if old[key] != new[key]]
    what = ", ".join(differing) or f"another version of the model {options.engine!r}"
    raise UsageError(
        f"batch {batch.name!r} was submitted with {what};"
        " give the same options or another --batch name"
    )


def _check_same_window(batch: Batch, window: Window | None) -> None:
    if window is not None and batch.time_window != str(window):
        raise UsageError(
            f"batch {batch.name!r} was submitted with the window {batch.time_window or 'always'},"
            f" not {window}; leave --window out or give another --batch name"
        )


def batch_of(row: Row[Any]) -> Batch:
    """A row of `batches` as a Batch."""
    return Batch(
        id=row.id,
        name=row.name,
        options=PageOptions.from_json(row.options),
        options_hash=row.options_hash,
        priority=row.priority,
        created_at=row.created_at,
        sealed_at=row.sealed_at,
        paused_at=row.paused_at,
        cancelled_at=row.cancelled_at,
        finished_at=row.finished_at,
        time_window=row.time_window,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
    )
