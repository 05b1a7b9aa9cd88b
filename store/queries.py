"""Listings for people: pages that failed. Characters in doubt are in store/doubts.py."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ocrq.types import PageState
from store.database import Database
from store.ready import literal_state
from store.schema import batches, documents, pages

_RETRYABLE = (PageState.FAILED, PageState.QUARANTINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPage:
    """A page that was given up, and why."""

    page_id: int
    batch: str
    batch_id: int
    document_id: int
    path: bytes
    number: int
    state: PageState  # failed or quarantined
    error_code: str
    error: str
    attempts: int


def failed_pages(
    db: Database, batch_id: int | None, limit: int = 100, after: int = 0
) -> list[FailedPage]:
    """Pages that failed or were quarantined, by page id; `after` the last one of a listing."""
    with db.read() as conn:
        rows = conn.execute(
            select(pages, documents.c.path_bytes, batches.c.name.label("batch_name"))
            .join(documents, documents.c.id == pages.c.document_id)
            .join(batches, batches.c.id == pages.c.batch_id)
            .where(*_given_up(batch_id, _RETRYABLE), pages.c.id > after)
            .order_by(pages.c.id)
            .limit(limit)
        )
        return [
            FailedPage(
                page_id=row.id,
                batch=row.batch_name,
                batch_id=row.batch_id,
                document_id=row.document_id,
                path=bytes(row.path_bytes),
                number=row.number,
                state=PageState(row.state),
                error_code=row.error_code or "",
                error=row.error or "",
                attempts=row.attempts,
            )
            for row in rows
        ]


def _given_up(batch_id: int | None, states: Collection[PageState]) -> list[Any]:
    conditions: list[Any] = [pages.c.state.in_([literal_state(PageState(s)) for s in states])]
    if batch_id is not None:
        conditions.append(pages.c.batch_id == batch_id)
    return conditions
