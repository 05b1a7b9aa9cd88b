"""Cancelling a batch: what waits is read no more, what is being read stops within seconds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, or_, select, update

from ocrq.types import PageState
from store.database import Database
from store.duplicates import mark_orphans
from store.events import EventKind, record_events
from store.leases import freed
from store.schema import batches, documents, pages
from store.submits import is_being_filled

#: Pages cancelled in one transaction.
_CHUNK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What a cancelling did."""

    is_batch: bool  # False: it was cancelled before, or had nothing left to do
    pages: int


def cancel_batch(db: Database, batch_id: int) -> Cancelled:
    """Cancel what is not read yet; running pages are fenced off and their processes end.

    Pages that are done stay, those that were to be read again keep the reading that they have; a
    batch whose pages all have one, or are finished, stays as it is. Interrupted, the same call
    goes on.
    """
    waiting = exists().where(  # pages of its own, or of the originals that its links wait for
        documents.c.batch_id == batch_id,
        pages.c.document_id == documents.c.source_id,
        pages.c.state.in_([PageState.LEASED, PageState.QUEUED]),
        pages.c.reading_id.is_(None),  # what is only read again is complete without it
    )
    # Links whose original was lost wait as well: a worker is about to give them pages.
    orphaned = exists().where(documents.c.batch_id == batch_id, documents.c.original_lost == 1)
    with db.write(durable=True) as conn:
        # Locked first, looked at in a second statement: pages that a retry queues meanwhile are
        # seen, where a statement that waits for the lock keeps the pages of before.
        conn.execute(select(batches.c.id).where(batches.c.id == batch_id).with_for_update())
        now = db.now(conn)
        is_open = or_(batches.c.sealed_at.is_(None), is_being_filled(now))
        changed = conn.execute(
            update(batches)
            .where(batches.c.id == batch_id, batches.c.cancelled_at.is_(None))
            .where(or_(is_open, waiting, orphaned))
            .values(cancelled_at=now)
        ).rowcount
    total = 0
    while count := _cancel_some(db, batch_id):
        total += count
    return Cancelled(is_batch=changed == 1, pages=total)


def _cancel_some(db: Database, batch_id: int) -> int:
    with db.write() as conn:
        rows = conn.execute(
            select(pages.c.id, pages.c.document_id, pages.c.state, pages.c.fence)
            .add_columns(pages.c.attempts, pages.c.owner, pages.c.reading_id)
            .where(
                pages.c.batch_id == batch_id,
                pages.c.state.in_([PageState.LEASED, PageState.QUEUED]),
            )
            .order_by(pages.c.state, pages.c.id)  # leased ones first: they cost work
            .limit(_CHUNK)
            .with_for_update()
        ).all()
        unread = [row for row in rows if row.reading_id is None]
        read = [row for row in rows if row.reading_id is not None]
        ending = freed(PageState.CANCELLED, "cancelled", "the batch was cancelled")
        for ended, values in ((unread, ending), (read, freed(PageState.DONE))):
            conn.execute(
                update(pages).where(pages.c.id.in_([row.id for row in ended])).values(**values)
            )
        running = [row for row in rows if row.state == PageState.LEASED or row.reading_id]
        record_events(conn, db.now(conn), EventKind.CANCEL, running)
        mark_orphans(conn, {row.document_id for row in unread})
        return len(rows)
