"""How far batches are: pages by state, the rate of late, the time that is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from ocrq.errors import NotFound
from ocrq.types import PageState
from store.batches import Batch, BatchState, batch_of
from store.database import Database
from store.duplicates import count_linked_unread, has_orphaned_duplicates
from store.pausing import held_since
from store.rate import pages_per_minute
from store.schema import batches, documents, pages, redos
from store.submits import count_submits


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
    redoing: int = 0  # of those that are queued or leased: have a reading and get another
    redo_failed: int = 0  # of those that are done: could not be read again, keep what they had
    held_since: datetime | None = None  # everything is paused
    submits: int = 0  # that write to it just now, intakes of schedules among them
    linked_unread: int = 0  # pages of other batches that duplicates link to, not read yet
    has_orphans: bool = False  # duplicates whose original was lost: a worker gives them pages

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
    def replaced(self) -> int:
        """Pages of older versions of files, given up (store/old_versions.py)."""
        return 0 if self.batch.cancelled_at else self.cancelled

    @property
    def lost(self) -> int:
        """Pages that have no reading and are to be missed."""
        return self.failed + self.quarantined + self.cancelled - self.replaced

    @property
    def state(self) -> BatchState:
        if self.batch.cancelled_at is not None:
            return BatchState.CANCELLED
        is_paused = self.batch.paused_at is not None
        if self.submits or self.batch.sealed_at is None:
            return BatchState.PAUSED if is_paused else BatchState.OPEN
        waits_for_others = bool(self.linked_unread) or self.has_orphans
        if not self.unfinished and not waits_for_others:
            return BatchState.DONE
        is_paused = is_paused and not waits_for_others  # others are read all the same
        return BatchState.PAUSED if is_paused or self.held_since else BatchState.SEALED


def list_batches(db: Database, limit: int = 20) -> list[BatchProgress]:
    """The newest batches with their progress, newest first."""
    with db.read() as conn:
        newest = select(batches).order_by(batches.c.id.desc()).limit(limit)
        found = [batch_of(row) for row in conn.execute(newest)]
    held = held_since(db)
    return [_progress(db, batch, held) for batch in found]


def batch_progress(db: Database, batch_id: int, *, with_links: bool = True) -> BatchProgress:
    """How far a batch is.

    Args:
        db: the database.
        batch_id: the batch.
        with_links: look at what duplicates wait for in other batches, too; 0.1 s for 100,000 of
            them, too much for many looks a second.

    Raises:
        NotFound: there is no batch of that id.
    """
    with db.read() as conn:
        row = conn.execute(select(batches).where(batches.c.id == batch_id)).first()
    if row is None:
        raise NotFound(f"there is no batch with the id {batch_id}")
    return _progress(db, batch_of(row), held_since(db), with_links=with_links)


def _progress(
    db: Database, batch: Batch, held: datetime | None, *, with_links: bool = True
) -> BatchProgress:
    with db.read() as conn:
        counted = conn.execute(
            select(pages.c.state, func.count())
            .where(pages.c.batch_id == batch.id)
            .group_by(pages.c.state)
        )
        by_state: dict[str, int] = {row.state: row[1] for row in counted}
        total = _count_documents(conn, batch.id)
        links = _count_documents(conn, batch.id, documents.c.duplicate_of.is_not(None))
        linked_unread = count_linked_unread(conn, batch.id) if links and with_links else 0
        has_orphans = bool(links) and has_orphaned_duplicates(conn, batch.id)
        redoing, redo_failed = _redo_counts(conn, batch.id)
        now = db.now(conn)
        rate = pages_per_minute(conn, batch.id, now)
        at_work = count_submits(conn, batch.id, now)
    unfinished = by_state.get(PageState.QUEUED, 0) + by_state.get(PageState.LEASED, 0)
    if unfinished == 0 or batch.cancelled_at is not None:
        eta_s: float | None = 0.0
    elif batch.paused_at is not None or held is not None:
        eta_s = None
    else:
        eta_s = unfinished / rate * 60 if rate else None
    return BatchProgress(
        batch=batch,
        documents=total,
        duplicates=links,
        pages_per_minute=rate,
        eta_s=eta_s,
        redoing=redoing,
        redo_failed=redo_failed,
        held_since=held,
        submits=at_work,
        linked_unread=linked_unread,
        has_orphans=has_orphans,
        **{state.value: by_state.get(state, 0) for state in PageState},
    )


def _count_documents(conn: Connection, batch_id: int, *conditions: ColumnElement[bool]) -> int:
    """Counted in an index: that of the batch, or that of the links alone."""
    count: int = conn.execute(
        select(func.count()).where(documents.c.batch_id == batch_id, *conditions)
    ).scalar_one()
    return count


def _redo_counts(conn: Connection, batch_id: int) -> tuple[int, int]:
    """Pages that wait to be read again, and those for which that failed, by the index of redos."""
    mine = select(redos.c.id).where(redos.c.batch_id == batch_id)
    waiting = pages.c.state.in_([PageState.QUEUED, PageState.LEASED])
    failed = (pages.c.state == PageState.DONE) & pages.c.error_code.is_not(None)
    counted = conn.execute(
        select(func.count().filter(waiting), func.count().filter(failed)).where(
            pages.c.redo_id.in_(mine)
        )
    ).one()
    return counted[0], counted[1]
