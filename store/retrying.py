"""Trying failed and quarantined pages again, chosen by typed filters."""

from __future__ import annotations

import fnmatch
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.database import Database
from store.events import ASKED_FOR, EventKind, record_events
from store.ready import literal_state
from store.requeue import requeue
from store.schema import batches, documents, pages

_AT_ONCE = 1_000
RETRYABLE = (PageState.FAILED, PageState.QUARANTINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryFilter:
    """Which pages to try again; every filter that is given must hold."""

    batch_id: int | None = None  # None: of all batches
    states: Collection[PageState] = RETRYABLE
    error_codes: Collection[str] = ()
    page_ids: Collection[int] = ()
    engines: Collection[str] = ()  # of the batch
    documents: Collection[str] = ()  # patterns of paths, see `path_matches`
    older_than: timedelta | None = None  # begun for the last time before so long

    def __post_init__(self) -> None:
        if not set(self.states) <= set(RETRYABLE):
            raise UsageError("only failed and quarantined pages can be tried again")


@dataclass(slots=True, kw_only=True)
class RetryCounts:
    """What was queued again, or would be."""

    pages: int = 0
    documents: int = 0
    codes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """What there is to filter by."""

    codes: Counter[str]  # of the pages that were given up
    engines: frozenset[str]  # of the batches, whether or not pages of them were given up


def retry_pages(
    db: Database, chosen: RetryFilter | None = None, *, dry_run: bool = False
) -> RetryCounts:
    """Queue failed or quarantined pages again, with all their attempts.

    Pages of cancelled batches are left alone.

    Args:
        db: the database.
        chosen: which; None: all.
        dry_run: only count.
    """
    chosen = chosen or RetryFilter()
    counts = RetryCounts()
    after, last_document = 0, None
    while True:
        with db.write(durable=True) if not dry_run else db.read() as conn:
            rows = _candidates(conn, chosen, after, db.now(conn), is_locked=not dry_run)
            found = [row for row in rows if _is_chosen(row, chosen)]
            if not dry_run:
                found = _queue(conn, found, db.now(conn))
        for row in found:
            counts.pages += 1
            counts.codes[row.error_code or ""] += 1
            counts.documents += row.document_id != last_document
            last_document = row.document_id
        if len(rows) < _AT_ONCE:
            return counts
        after = rows[-1].id


def given_up(db: Database, batch_id: int | None) -> GivenUp:
    """Error codes that there are just now, and engines, to tell a typo from "none"."""
    conditions: list[Any] = [_in_states(RETRYABLE)]
    if batch_id is not None:
        conditions.append(pages.c.batch_id == batch_id)
    with db.read() as conn:
        codes = conn.execute(
            select(pages.c.error_code, func.count()).where(*conditions).group_by(pages.c.error_code)
        )
        counted = Counter({row[0] or "": row[1] for row in codes})
        of_batches = select(batches.c.options).distinct()
        if batch_id is not None:
            of_batches = of_batches.where(batches.c.id == batch_id)
        options = conn.execute(of_batches).scalars()
        engines = frozenset(_engine(text) for text in options)
    return GivenUp(codes=counted, engines=engines)


def path_matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path fits a shell pattern; one without a slash is for the file's name.

    >>> path_matches("/scans/1901/a.tif", ["*.tif"]), path_matches("/scans/a.tif", ["*/1901/*"])
    (True, False)
    """
    name = path.rpartition("/")[2]
    return any(
        fnmatch.fnmatchcase(path if "/" in pattern else name, pattern) for pattern in patterns
    )


def _candidates(
    conn: Connection, chosen: RetryFilter, after: int, now: datetime, *, is_locked: bool
) -> Sequence[Any]:
    query = (
        select(pages, batches.c.options, documents.c.path)
        .join(batches, batches.c.id == pages.c.batch_id)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(_in_states(chosen.states), batches.c.cancelled_at.is_(None), pages.c.id > after)
        .order_by(pages.c.id)
        .limit(_AT_ONCE)
    )
    if chosen.batch_id is not None:
        query = query.where(pages.c.batch_id == chosen.batch_id)
    if chosen.error_codes:
        query = query.where(pages.c.error_code.in_(sorted(chosen.error_codes)))
    if chosen.page_ids:
        query = query.where(pages.c.id.in_(sorted(chosen.page_ids)))
    if chosen.older_than is not None:
        begun = func.coalesce(pages.c.claimed_at, documents.c.created_at)
        query = query.where(begun < now - chosen.older_than)
    return conn.execute(query.with_for_update(of=pages) if is_locked else query).all()


def _is_chosen(row: Any, chosen: RetryFilter) -> bool:
    if chosen.documents and not path_matches(row.path, chosen.documents):
        return False
    return not chosen.engines or _engine(row.options) in chosen.engines


def _queue(conn: Connection, rows: Sequence[Any], now: datetime) -> list[Any]:
    """Queue what is of batches that were not cancelled just now; returns those rows."""

    def batch(row: Any) -> int:
        return int(row.batch_id)

    queued: list[Any] = []
    for batch_id, group in groupby(sorted(rows, key=batch), key=batch):
        members = list(group)
        if requeue(conn, batch_id, [row.id for row in members], now):
            queued += members
    queued.sort(key=lambda row: row.id)
    record_events(conn, now, EventKind.RETRY, queued, ASKED_FOR)
    return queued


def _in_states(states: Collection[PageState]) -> Any:
    return pages.c.state.in_([literal_state(PageState(s)) for s in sorted(states)])


def _engine(options: str) -> str:
    return str(json.loads(options).get("engine", ""))
