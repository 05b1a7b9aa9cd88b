"""What a redo leaves as it is, of the pages and duplicates that it was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from ocrq.types import PageState
from store.database import Database
from store.retrying import path_matches
from store.schema import batches, documents, pages

_AT_ONCE = 5_000
_ORIGINAL = documents.alias("original")
_WAITING = (PageState.QUEUED, PageState.LEASED)
_UNREAD = (PageState.FAILED, PageState.QUARANTINED, PageState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoRest:
    """Pages and duplicates that are not touched."""

    waiting: int = 0  # being read or queued just now
    unread: int = 0  # failed or quarantined: nothing to read again
    elsewhere: dict[str, int] = field(default_factory=dict)  # batch -> duplicates read in it
    within: dict[str, int] = field(default_factory=dict)  # path of the original -> duplicates


def redo_rest(
    db: Database, batch_id: int, page_ids: Collection[int], patterns: Collection[str]
) -> RedoRest:
    """Count what is not read again, within the filters.

    Args:
        db: the database.
        batch_id: the batch.
        page_ids: only these; a duplicate has no page of its own, so none is among them.
        patterns: only documents whose paths fit. `within` has only what fits while its original,
            in the same batch, does not: the others are read again with it.
    """
    states = _states(db, batch_id, page_ids, patterns)
    elsewhere: Counter[str] = Counter()
    within: Counter[str] = Counter()
    if patterns and not page_ids:
        for row in _fitting(db, _links(batch_id), documents.c.id, patterns):
            if row.original_batch_id != batch_id:
                elsewhere[row.name] += 1
            elif not path_matches(row.original_path, patterns):
                within[row.original_path] += 1
    elif not page_ids:
        counted = (
            select(batches.c.name, func.count())
            .select_from(documents)
            .join(_ORIGINAL, _ORIGINAL.c.id == documents.c.duplicate_of)
            .join(batches, batches.c.id == _ORIGINAL.c.batch_id)
            .where(documents.c.batch_id == batch_id, _ORIGINAL.c.batch_id != batch_id)
            .group_by(batches.c.name)
        )
        with db.read() as conn:
            elsewhere.update({row.name: row[1] for row in conn.execute(counted)})
    return RedoRest(
        waiting=sum(states[state] for state in _WAITING),
        unread=sum(states[state] for state in _UNREAD),
        elsewhere=dict(elsewhere),
        within=dict(within),
    )


def _states(
    db: Database, batch_id: int, page_ids: Collection[int], patterns: Collection[str]
) -> Counter[str]:
    conditions: list[ColumnElement[bool]] = [
        pages.c.batch_id == batch_id,
        pages.c.state.in_([*_WAITING, *_UNREAD]),
    ]
    if page_ids:
        conditions.append(pages.c.id.in_(sorted(page_ids)))
    if patterns:
        query = (
            select(pages.c.id, pages.c.state, documents.c.path)
            .join(documents, documents.c.id == pages.c.document_id)
            .where(*conditions)
        )
        return Counter(row.state for row in _fitting(db, query, pages.c.id, patterns))
    counted = select(pages.c.state, func.count()).where(*conditions).group_by(pages.c.state)
    with db.read() as conn:
        return Counter({row.state: row[1] for row in conn.execute(counted)})


def _links(batch_id: int) -> Select[Any]:
    return (
        select(documents.c.id, documents.c.path, batches.c.name)
        .add_columns(_ORIGINAL.c.path.label("original_path"))
        .add_columns(_ORIGINAL.c.batch_id.label("original_batch_id"))
        .join(_ORIGINAL, _ORIGINAL.c.id == documents.c.duplicate_of)
        .join(batches, batches.c.id == _ORIGINAL.c.batch_id)
        .where(documents.c.batch_id == batch_id)
    )


def _fitting(
    db: Database, query: Select[Any], key: ColumnElement[int], patterns: Collection[str]
) -> Sequence[Any]:
    """The rows whose path fits, read in steps so that no snapshot is long."""
    found: list[Any] = []
    after = 0
    while True:
        with db.read() as conn:
            step = query.where(key > after).order_by(key).limit(_AT_ONCE)
            rows = conn.execute(step).all()
        found += [row for row in rows if path_matches(row.path, patterns)]
        if len(rows) < _AT_ONCE:
            return found
        after = rows[-1].id
