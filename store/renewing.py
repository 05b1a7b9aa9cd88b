"""A file that failed as a whole and was looked into again: its document gets all its pages.

Such a document has an error and one page, which stands for whatever the file may hold. It has no
hash, so nothing links to it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from ocrq.types import PageState
from store.database import Database
from store.events import EventKind, record_events
from store.leases import Claim, freed, given_up, held
from store.new_documents import NewDocument, insert_pages, pages_of
from store.schema import batches, documents, pages
from store.turns import new_turns


def renew_claimed(db: Database, claim: Claim, doc: NewDocument) -> bool:
    """Write what the file of a claimed page holds; the page is given up, or given back to be read.

    All in one transaction: there is no time at which the batch has no page left to do.

    Args:
        db: the database.
        claim: of the page that stands for the file.
        doc: what was found.

    Returns:
        False when the lease was taken away, or the batch cancelled, meanwhile: nothing is written.
    """
    with db.write(durable=True) as conn:
        page = conn.execute(select(pages).where(held(claim)).with_for_update()).first()
        if page is None:
            return False
        batch = conn.execute(
            update(batches)
            .where(batches.c.id == page.batch_id, batches.c.cancelled_at.is_(None))
            .values(finished_at=None)
            .returning(batches.c.priority)
        ).first()
        if batch is None:
            return False
        renew(db, conn, page, batch.priority, doc, "its file was looked into again")
    return True


def renew(
    db: Database, conn: Connection, page: Any, priority: int, doc: NewDocument, detail: str
) -> None:
    """Put what was found in a file in place of the one page that stood for it.

    Args:
        db: the database.
        conn: a transaction that holds the page and its batch, which is not marked as finished.
        page: its row in `pages`.
        priority: of its batch.
        doc: what was found; of one that fails again the error is today's.
        detail: for the page's history, when it is to be read.
    """
    now = db.now(conn)
    first, *others = pages_of(doc)
    conn.execute(
        update(documents)
        .where(documents.c.id == page.document_id)
        .values(
            sha256=doc.sha256,
            size_bytes=doc.size_bytes,
            mtime_ns=doc.mtime_ns,
            media_type=doc.media_type,
            page_count=len(others) + 1,
            error_code=doc.error_code,
            error=doc.error,
        )
    )
    turn, *turns = new_turns(conn, page.batch_id, priority, now, len(others) + 1)
    if first.error_code is None:
        state = freed(PageState.QUEUED) | {"turn": turn, "attempts": 0}
    else:
        has_reading = page.reading_id is not None
        state = given_up(has_reading, PageState.FAILED, first.error_code, first.error or "")
    conn.execute(
        update(pages).where(pages.c.id == page.id).values(megapixels=first.megapixels, **state)
    )
    insert_pages(
        conn,
        page.batch_id,
        ((page.document_id, turn, other) for turn, other in zip(turns, others, strict=True)),
    )
    if first.error_code is None:
        record_events(conn, now, EventKind.RETRY, [page], detail)
