"""Which pages may be claimed: one predicate for the claim, the ready count and the watchdog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, literal_column, or_, select

from ocrq.types import PageState
from store.schema import batches, holds, pages

#: Below every turn; the least number itself is no literal that SQLite reads as a whole one.
_LOWEST_TURN = -(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimScope:
    """What a worker may claim, and as whom.

    `owner` names the worker: all leases of the owners that share the text before the first "/"
    belong to one host process; what follows is free (the child's number). `task_id` is Celery's.
    """

    batch_id: int | None  # None: every batch
    owner: str
    task_id: str | None


def batch_is_open(
    now: datetime | ColumnElement[Any], batch_id: int | ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """A batch that workers look at: not finished, cancelled or paused, and within its window."""
    conditions = [
        batches.c.finished_at.is_(None),
        batches.c.cancelled_at.is_(None),
        batches.c.paused_at.is_(None),
        or_(batches.c.opens_at.is_(None), batches.c.opens_at <= now),
        or_(batches.c.closes_at.is_(None), batches.c.closes_at > now),
    ]
    if batch_id is not None:
        conditions.append(batches.c.id == batch_id)
    return and_(*conditions)


def page_is_ready(page: FromClause = pages) -> ColumnElement[bool]:
    """A queued page that is not postponed: what the index pages_queued holds.

    One whose pause is over is ready once it was woken (store/postponing.py).
    """
    return and_(page.c.state == literal_state(PageState.QUEUED), page.c.not_before.is_(None))


def claimable(scope: ClaimScope, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Condition on `batches` joined with `pages`: these may be claimed now within this scope."""
    return and_(
        batch_is_open(now, scope.batch_id),
        pages.c.batch_id == batches.c.id,
        pages.c.turn >= turn_floor(),
        page_is_ready(),
        ~everything_is_held(),
    )


def turn_floor() -> ColumnElement[int]:
    """Of a row of `batches`: the turn from which on a claim looks for pages (store/turns.py)."""
    return func.coalesce(batches.c.turn_floor, literal_column(str(_LOWEST_TURN)))


def everything_is_held() -> ColumnElement[bool]:
    """Whether the whole queue is paused (store/pausing.py)."""
    return exists(select(holds.c.name)).correlate(None)


def literal_state(state: PageState) -> ColumnElement[str]:
    """A state as a literal in the statement: a bound value would hide it from partial indexes."""
    return literal_column(f"'{state.value}'")
