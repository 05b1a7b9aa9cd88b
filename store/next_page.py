"""The statements by which a worker finds its next page, and how many wait.

Made once where they are the same for every claim: building a statement takes longer than carrying
it out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Interval,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from ocrq.types import PageState
from store.columns import Key, UtcTime
from store.database import Dialect
from store.gate import is_open_to_me
from store.ready import (
    ClaimScope,
    batch_is_open,
    claimable,
    everything_is_held,
    literal_state,
    page_is_ready,
    turn_floor,
)
from store.schema import batches, documents, pages, redos

#: Batches tried in one claim; other claims may hold the first page of each just now.
_MOST_HEADS = 64

_WAITING = pages.alias("waiting")
_HEAD = pages.alias("head")

#: All that reading a page takes.
_NEEDED = (
    *(pages.c.id, pages.c.batch_id, pages.c.document_id, pages.c.number, pages.c.megapixels),
    *(pages.c.fence, pages.c.attempts, documents.c.path_bytes, documents.c.sha256),
    *(documents.c.size_bytes, documents.c.mtime_ns),
    documents.c.error_code.label("document_error"),
    func.coalesce(redos.c.options, batches.c.options).label("options"),
)


def _first(dialect: Dialect, count: int) -> int | ColumnElement[int]:
    """A LIMIT as each planner needs to see it.

    PostgreSQL takes a bound one for a tenth of all rows: it then plans each claim anew, which takes
    longer than to carry it out. SQLite, when it knows the number, finds it cheap to sort all pages
    of a batch for the sake of the first.
    """
    return literal_column(str(count)) if dialect == "postgresql" else count


def some_ready(
    dialect: Dialect, scope: ClaimScope, now: ColumnElement[datetime], most: int
) -> Select[Any]:
    """A row for each page that may be claimed now, `most` at most."""
    if dialect == "sqlite":
        joined = select(pages.c.id).join_from(batches, pages, claimable(scope, now))
        return joined.limit(most)
    # Batch by batch, as the claim does: PostgreSQL keeps the plan of a connection's first days, and
    # for a queue that was empty then it would be to walk over all queued pages for each batch.
    waiting = _ready_pages().limit(_first(dialect, most)).lateral("ready")
    return (
        select(literal_column("1"))
        .select_from(batches.join(waiting, true()))
        .where(batch_is_open(now, scope.batch_id), ~everything_is_held())
        .limit(_first(dialect, most))
    )


def _ready_pages() -> Select[Any]:
    """Id and turn of the ready pages of a row of `batches`, in their order."""
    return (
        select(_WAITING.c.id, _WAITING.c.turn)
        .where(
            _WAITING.c.batch_id == batches.c.id,
            _WAITING.c.turn >= turn_floor(),
            page_is_ready(_WAITING),
        )
        .order_by(_WAITING.c.turn, _WAITING.c.id)
        .correlate(batches)
    )


def _heads(
    dialect: Dialect, *, is_of_one: bool, now: ColumnElement[datetime] | None = None
) -> Select[Any]:
    """Open batches with a ready page, the one whose turn it is first, each with its turn floor."""
    own = _ready_pages().limit(_first(dialect, 1))
    head: FromClause
    if dialect == "postgresql":
        head = own.lateral("head")
        joined = batches.join(head, true())
    else:  # SQLite has no LATERAL: the id from a subquery, the turn by looking it up
        head = _HEAD
        own_id = own.with_only_columns(_WAITING.c.id).scalar_subquery()
        joined = batches.join(head, head.c.id == own_id)
    now = bindparam("now", type_=UtcTime()) if now is None else now
    batch = bindparam("batch", type_=Key) if is_of_one else None
    return (
        select(batches.c.id, turn_floor().label("floor"))
        .select_from(joined)
        .where(batch_is_open(now, batch))
        # The batch that came last wins a tie: a small one waits half a round less for a large one.
        .order_by(batches.c.priority.desc(), head.c.turn + batches.c.turn_shift, head.c.id.desc())
        .limit(_first(dialect, _MOST_HEADS))
    )


def _first_pages(dialect: Dialect) -> Select[Any]:
    """The first ready page that nobody else holds, locked; of which batch is to be added."""
    return (
        select(*_NEEDED)
        .join_from(pages, documents, documents.c.id == pages.c.document_id)
        .join(batches, batches.c.id == pages.c.batch_id)
        .outerjoin(redos, redos.c.id == pages.c.redo_id)
        .where(page_is_ready())
        .order_by(pages.c.turn, pages.c.id)
        .limit(_first(dialect, 1))
        .with_for_update(of=pages, skip_locked=True)
    )


#: The three steps of a claim on SQLite; batches by whether one alone is asked for.
HEADS = {is_of_one: _heads("sqlite", is_of_one=is_of_one) for is_of_one in (False, True)}
FIRST_PAGE = _first_pages("sqlite").where(
    pages.c.batch_id == bindparam("batch"), pages.c.turn >= bindparam("floor")
)
LEASE = update(pages).where(
    pages.c.id == bindparam("page"), pages.c.state == literal_state(PageState.QUEUED)
)


def _taking(*, is_of_one: bool) -> ReturningUpdate[Any]:
    """All of a claim in one statement, for PostgreSQL, where each one is a way to and fro.

    The batches come in their order, and the first page of one is locked only when its turn has
    come: what stands above stops at the first page that nobody else holds.
    """
    now = type_coerce(func.statement_timestamp() + bindparam("offset", type_=Interval), UtcTime)
    heads = _heads("postgresql", is_of_one=is_of_one, now=now).where(is_open_to_me()).cte("heads")
    first = (
        _first_pages("postgresql")
        .where(pages.c.batch_id == heads.c.id, pages.c.turn >= heads.c.floor)
        .correlate(heads)
        .lateral("first")
    )
    taken = (
        select(first)
        .select_from(heads.join(first, true()))
        .limit(_first("postgresql", 1))
        .cte("taken")
    )
    reading = func.coalesce(taken.c.megapixels, 0.0) * bindparam("per_megapixel", type_=Interval)
    return (
        update(pages)
        .where(pages.c.id == taken.c.id)
        .values(
            state=PageState.LEASED.value,
            fence=taken.c.fence + 1,
            attempts=taken.c.attempts + 1,
            owner=bindparam("holder"),
            task_id=bindparam("task"),
            lease_until=now + bindparam("lease", type_=Interval),
            deadline_at=now + bindparam("deadline", type_=Interval) + reading,
            claimed_at=now,
        )
        .returning(*taken.c, pages.c.deadline_at)
    )


#: All of them on PostgreSQL.
TAKE = {is_of_one: _taking(is_of_one=is_of_one) for is_of_one in (False, True)}
