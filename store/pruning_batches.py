"""Deleting whole batches, document by document; what others link to goes over to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, exists, func, or_, select, update

from ocrq.types import PageState
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.pruning import PruneCounts, count_kept, delete_readings, superseded
from store.result_tables import corrections, readings
from store.schema import (
    batches,
    documents,
    page_events,
    pages,
    redos,
    schedule_runs,
    submits,
)
from store.submits import count_submits

_CHARACTERS_AT_ONCE = 40_000
_DOCUMENTS_AT_ONCE = 100
_PAGES_AT_ONCE = 200


def _nothing(_counts: PruneCounts) -> None:
    pass


def plan_pruning(
    db: Database, before: datetime, batch_ids: Collection[int] = (), *, also_reviewed: bool
) -> PruneCounts:
    """What pruning would delete, each reading counted once; nothing is changed.

    Args:
        db: the database.
        before: superseded readings made before then go.
        batch_ids: these batches go altogether; documents that others link to go over to them.
        also_reviewed: superseded readings too that people corrected.
    """
    link, page = documents.alias("link"), pages.alias("page")
    linked = exists().where(
        link.c.duplicate_of == documents.c.id, link.c.batch_id.not_in(batch_ids)
    )
    is_doomed = documents.c.batch_id.in_(batch_ids)
    gone_page = and_(is_doomed, ~linked)
    gone = or_(superseded(before, also_reviewed=also_reviewed), gone_page)
    of_readings = readings.join(page, page.c.id == readings.c.page_id).join(
        documents, documents.c.id == page.c.document_id
    )
    with db.read() as conn:
        counts = PruneCounts(batches=len(batch_ids))
        counts.readings, counts.characters = conn.execute(
            select(func.count(), func.coalesce(func.sum(readings.c.character_count), 0))
            .select_from(of_readings)
            .where(gone)
        ).one()
        counts.corrections = conn.execute(
            select(func.count())
            .select_from(of_readings.join(corrections, corrections.c.reading_id == readings.c.id))
            .where(gone)
        ).scalar_one()
        if not also_reviewed:
            counts.kept_reviewed = count_kept(conn, before)
        if batch_ids:
            counts.documents, counts.inherited = conn.execute(
                select(func.count(), func.count(case((linked, 1)))).where(is_doomed)
            ).one()
            counts.pages = conn.execute(
                select(func.count())
                .select_from(page.join(documents, documents.c.id == page.c.document_id))
                .where(gone_page)
            ).scalar_one()
    return counts


def prune_batch(
    db: Database,
    batch_id: int,
    on_progress: Callable[[PruneCounts], None] = _nothing,
    doomed: Collection[int] = (),
) -> PruneCounts:
    """Delete a batch with its documents, pages, readings and corrections.

    A document that one of another batch links to is not deleted but goes over, with its pages and
    readings, to the first of those links, which becomes a document of its own.

    Args:
        db: the database.
        batch_id: the batch.
        on_progress: called after each transaction.
        doomed: batches that are to be deleted as well; what others link to too goes to those.

    Returns:
        What was deleted; nothing when pages of the batch were queued again meanwhile, or a submit
        is at work on it. Interrupted, the same call goes on.
    """
    if not _close(db, batch_id):
        return PruneCounts()
    counts = PruneCounts(batches=1)
    # A link to what was never read gets pages of its own; handed over, they would stay lost.
    while revive_orphaned_duplicates(db):
        pass
    while _hand_over_some(db, batch_id, doomed, counts):
        on_progress(counts)
    while _delete_pages(db, batch_id, counts):
        on_progress(counts)
    while _delete_documents(db, batch_id, counts):
        on_progress(counts)
    with db.write(durable=True) as conn:
        conn.execute(
            update(schedule_runs).where(schedule_runs.c.batch_id == batch_id).values(batch_id=None)
        )
        conn.execute(delete(redos).where(redos.c.batch_id == batch_id))
        conn.execute(delete(submits).where(submits.c.batch_id == batch_id))
        conn.execute(delete(batches).where(batches.c.id == batch_id))
    return counts


def _close(db: Database, batch_id: int) -> bool:
    """Nothing enters the batch from now on, and no new document links into it."""
    with db.write(durable=True) as conn:
        row = conn.execute(
            select(batches.c.cancelled_at).where(batches.c.id == batch_id).with_for_update()
        ).first()
        waits = exists().where(
            pages.c.batch_id == batch_id,
            pages.c.state.in_([PageState.QUEUED, PageState.LEASED]),
        )
        now = db.now(conn)
        if row is None or conn.execute(select(waits)).scalar():
            return False
        if count_submits(conn, batch_id, now):
            return False
        if row.cancelled_at is None:
            conn.execute(update(batches).where(batches.c.id == batch_id).values(cancelled_at=now))
    return True


def _hand_over_some(
    db: Database, batch_id: int, doomed: Collection[int], counts: PruneCounts
) -> int:
    """Give documents that others link to, with their pages, to the first of the links."""
    link = documents.alias("link")
    lasting = func.min(case((link.c.batch_id.not_in(doomed), link.c.id)))
    heir = func.coalesce(lasting, func.min(link.c.id)).label("heir")
    with db.write(durable=True) as conn:
        heirs = conn.execute(
            select(link.c.duplicate_of.label("original"), heir, lasting.label("lasting"))
            .join(documents, documents.c.id == link.c.duplicate_of)
            .where(documents.c.batch_id == batch_id, link.c.batch_id != batch_id)
            .group_by(link.c.duplicate_of)
            .limit(_DOCUMENTS_AT_ONCE)
        ).all()
        for row in heirs:
            _hand_over(conn, row.original, row.heir)
        counts.inherited += sum(row.lasting is not None for row in heirs)
        return len(heirs)


def _hand_over(conn: Connection, original: int, heir: int) -> None:
    # the originals' locks are taken first, as an intake that links to one takes them
    conn.execute(select(documents.c.id).where(documents.c.id == original).with_for_update())
    new_batch = conn.execute(
        update(documents)
        .where(documents.c.id == heir)
        .values(duplicate_of=None, original_lost=0)
        .returning(documents.c.batch_id)
    ).scalar_one()
    conn.execute(
        update(documents).where(documents.c.duplicate_of == original).values(duplicate_of=heir)
    )
    conn.execute(
        update(pages)
        .where(pages.c.document_id == original)
        .values(document_id=heir, batch_id=new_batch)
    )


def _delete_pages(db: Database, batch_id: int, counts: PruneCounts) -> int:
    with db.write(durable=True) as conn:
        rows = conn.execute(
            select(pages.c.id, func.coalesce(func.sum(readings.c.character_count), 0))
            .join_from(pages, readings, readings.c.page_id == pages.c.id, isouter=True)
            .where(pages.c.batch_id == batch_id)
            .group_by(pages.c.id)
            .order_by(pages.c.id)
            .limit(_PAGES_AT_ONCE)
        ).all()
        ids = _within_budget(rows)
        of_these = select(readings.c.id).where(readings.c.page_id.in_(ids))
        gone = delete_readings(conn, list(conn.execute(of_these).scalars()))
        conn.execute(delete(page_events).where(page_events.c.page_id.in_(ids)))
        conn.execute(delete(pages).where(pages.c.id.in_(ids)))
    gone.pages = len(ids)
    counts.add(gone)
    return len(ids)


def _within_budget(rows: Sequence[Any]) -> list[int]:
    ids, total = [], 0
    for page_id, number in rows:
        ids.append(page_id)
        total += int(number)
        if total >= _CHARACTERS_AT_ONCE:
            break
    return ids


def _delete_documents(db: Database, batch_id: int, counts: PruneCounts) -> int:
    """Links first: a document that another one of the batch links to must outlive it."""
    with db.write(durable=True) as conn:
        ids = list(
            conn.execute(
                select(documents.c.id)
                .where(documents.c.batch_id == batch_id)
                .order_by(documents.c.duplicate_of.is_(None), documents.c.id)
                .limit(_DOCUMENTS_AT_ONCE)
            ).scalars()
        )
        conn.execute(delete(documents).where(documents.c.id.in_(ids)))
    counts.documents += len(ids)
    return len(ids)
