"""A document that failed because of its file, which was looked into again, is taken up again.

One that failed as a whole has an error and one page, which stands for whatever the file may hold;
it has no hash, so nothing links to it. One whose file was away, or another one, when its pages were
to be read has failed pages, which are worth a try when the file is as it was.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from ocrq.types import PageState
from store.database import Database
from store.events import ASKED_FOR, EventKind, record_events
from store.leases import Claim, freed, given_up, held
from store.new_documents import NewDocument, insert_pages, pages_of
from store.ready import literal_state
from store.requeue import requeue
from store.schema import batches, documents, pages
from store.turns import new_turns

#: Of pages whose file was not there, or not the one that was submitted; "submit it again" helps.
_OF_THE_FILE = ("vanished", "changed", "no_page", "storage")


def failed_by_their_files(conn: Connection, document_ids: Collection[int]) -> dict[int, bool]:
    """Those of these documents that a submit may take up again; True: they failed as a whole."""
    found = conn.execute(
        select(documents.c.id, documents.c.error_code)
        .join(pages, pages.c.document_id == documents.c.id)
        .where(documents.c.id.in_(document_ids), _is_given_up(), _is_of_its_file())
    )
    return {row.id: row.error_code is not None for row in found}


def take_up(
    db: Database, conn: Connection, document_id: int, priority: int, doc: NewDocument
) -> int | None:
    """Queue what failed of a document because of its file.

    Args:
        db: the database.
        conn: a transaction that holds the batch, which is not marked as finished.
        document_id: of a document that failed as a whole, or whose file is as it was.
        priority: of its batch.
        doc: what was found in the file.

    Returns:
        How many pages it has in place of those that had failed; None: a retry or another submit
        has them.
    """
    found = conn.execute(
        select(pages, documents.c.error_code.label("document_error"))
        .join(documents, documents.c.id == pages.c.document_id)
        .where(pages.c.document_id == document_id, _is_given_up(), _is_of_its_file())
        .order_by(pages.c.number)
        # Whoever holds them may wait for the batch, which is ours.
        .with_for_update(of=pages, skip_locked=True)
    ).all()
    if not found:
        return None
    if found[0].document_error is not None:
        renew(db, conn, found[0], priority, doc, ASKED_FOR)
        return len(pages_of(doc))
    conn.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(size_bytes=doc.size_bytes, mtime_ns=doc.mtime_ns)
    )
    now = db.now(conn)
    requeue(conn, found[0].batch_id, [page.id for page in found], now)
    record_events(conn, now, EventKind.RETRY, found, ASKED_FOR)
    return len(found)


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


def _is_given_up() -> ColumnElement[bool]:
    states = (PageState.FAILED, PageState.QUARANTINED)
    return pages.c.state.in_([literal_state(state) for state in states])


def _is_of_its_file() -> ColumnElement[bool]:
    return or_(documents.c.error_code.is_not(None), pages.c.error_code.in_(_OF_THE_FILE))
