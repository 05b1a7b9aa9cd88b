"""How far batches are: pages by state, the rate of late, the time that is left."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import Batch, BatchState, batch_of
from store.database import Database
from store.rate import pages_per_minute
from store.schema import batches, documents, pages


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """How far a batch is. Pages of duplicates are counted where they are read, not here."""

    batch: Batch
    documents: int  # duplicates included
    duplicates: int
    queued: int
    leased: int
    done: int
    failed: int
    quarantined: int
    cancelled: int
    pages_per_minute: float | None  # of late; None when nothing was read in the last ten minutes
    eta_s: float | None  # at that rate; None when it is unknown, 0 when nothing is left

    @property
    def pages(self) -> int:
        return self.unfinished + self.finished

    @property
    def unfinished(self) -> int:
        """Pages that a worker will still touch."""
        return 0 if self.batch.cancelled_at else self.queued + self.leased

    @property
    def finished(self) -> int:
        waiting = self.queued + self.leased if self.batch.cancelled_at else 0
        return self.done + self.failed + self.quarantined + self.cancelled + waiting

    @property
    def state(self) -> BatchState:
        state = self.batch.state
        if state in (BatchState.SEALED, BatchState.PAUSED) and self.batch.sealed_at:
            return state if self.unfinished else BatchState.DONE
        return BatchState.SEALED if state is BatchState.DONE and self.unfinished else state


def list_batches(db: Database, limit: int = 20) -> list[BatchProgress]:
    """The newest batches with their progress, newest first."""
    with db.read() as conn:
        newest = select(batches).order_by(batches.c.id.desc()).limit(limit)
        found = [batch_of(row) for row in conn.execute(newest)]
    return [_progress(db, batch) for batch in found]


def batch_progress(db: Database, batch_id: int) -> BatchProgress:
    """How far a batch is.

    Raises:
        UsageError: there is no batch of that id.
    """
    with db.read() as conn:
        row = conn.execute(select(batches).where(batches.c.id == batch_id)).first()
    if row is None:
        raise UsageError(f"there is no batch with the id {batch_id}")
    return _progress(db, batch_of(row))


def _progress(db: Database, batch: Batch) -> BatchProgress:
    with db.read() as conn:
        counted = conn.execute(
            select(pages.c.state, func.count())
            .where(pages.c.batch_id == batch.id)
            .group_by(pages.c.state)
        )
        by_state: dict[str, int] = {row.state: row[1] for row in counted}
        total, links = conn.execute(
            select(func.count(), func.count(documents.c.duplicate_of)).where(
                documents.c.batch_id == batch.id
            )
        ).one()
        rate = pages_per_minute(conn, batch.id, db.now(conn))
    unfinished = by_state.get(PageState.QUEUED, 0) + by_state.get(PageState.LEASED, 0)
    if unfinished == 0 or batch.cancelled_at is not None:
        eta_s: float | None = 0.0
    else:
        eta_s = unfinished / rate * 60 if rate else None
    return BatchProgress(
        batch=batch,
        documents=total,
        duplicates=links,
        pages_per_minute=rate,
        eta_s=eta_s,
        **{state.value: by_state.get(state, 0) for state in PageState},
    )
