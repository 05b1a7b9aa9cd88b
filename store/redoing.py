"""Reading pages again that have a reading: the new one is added, the old one stays.

The pages are queued with a row of `redos` that says how they are to be read this time. Until one is
read again it keeps the reading that it has, and so it does when that fails; exports and views never
miss a page meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from ocrq.errors import UsageError
from ocrq.types import EngineInfo, PageOptions, PageState
from store.batches import Batch
from store.database import Database
from store.events import EventKind, record_events
from store.ready import literal_state
from store.redo_rest import redo_rest
from store.requeue import requeue
from store.result_tables import corrections, models, readings
from store.retrying import path_matches
from store.schema import documents, pages, redos

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoFilter:
    """Which pages of a batch to read again; every filter that is given must hold."""

    below: float | None = None  # mean confidence of the page
    page_ids: Collection[int] = ()
    documents: Collection[str] = ()  # patterns of paths
    also_reviewed: bool = False  # pages too that people corrected


@dataclass(slots=True, kw_only=True)
class RedoCounts:
    """What was queued, or would be, and what was left as it is."""

    redo_id: int | None = None
    queued: int = 0
    reviewed: int = 0  # corrected by people, kept
    same: int = 0  # read by this very model with these options already
    waiting: int = 0  # being read or queued just now
    unread: int = 0  # failed or quarantined: nothing to read again, `ocrq retry`
    elsewhere: dict[str, int] = field(default_factory=dict)  # batch -> duplicates read in it
    within: dict[str, int] = field(default_factory=dict)  # original not chosen -> its duplicates


def redo_pages(
    db: Database,
    batch: Batch,
    options: PageOptions,
    model: EngineInfo,
    chosen: RedoFilter,
    *,
    dry_run: bool = False,
) -> RedoCounts:
    """Queue pages of a batch that were read, to be read again with other options.

    Interrupted, the same call goes on: what waits already, or was read so already, is left out.

    Args:
        db: the database.
        batch: the batch; documents that link to another batch's are read in that one.
        options: how to read this time.
        model: which would read; pages that it read with these options are left out.
        chosen: which pages.
        dry_run: only count.

    Raises:
        UsageError: the batch was cancelled.
    """
    if batch.cancelled_at is not None:
        raise UsageError(
            f"batch {batch.name!r} was cancelled and is read no more; submit its scans again"
            " under another name"
        )
    counts = RedoCounts()
    rest = redo_rest(db, batch.id, chosen.page_ids, chosen.documents)
    counts.waiting, counts.unread = rest.waiting, rest.unread
    counts.elsewhere, counts.within = rest.elsewhere, rest.within
    after = 0
    while True:
        with db.write(durable=True) if not dry_run else db.read() as conn:
            rows = _candidates(conn, batch.id, chosen, after, is_locked=not dry_run)
            wanted = []
            for row in rows:
                if chosen.documents and not path_matches(row.path, chosen.documents):
                    continue
                if row.is_reviewed and not chosen.also_reviewed:
                    counts.reviewed += 1
                elif row.options == options.to_json() and row.model == model.weights_sha256:
                    counts.same += 1
                else:
                    wanted.append(row)
            counts.queued += len(wanted)
            if wanted and not dry_run:
                _queue(db, conn, batch, options, chosen, counts, wanted)
        if len(rows) < _AT_ONCE:
            return counts
        after = rows[-1].id


def _queue(
    db: Database,
    conn: Connection,
    batch: Batch,
    options: PageOptions,
    chosen: RedoFilter,
    counts: RedoCounts,
    rows: Sequence[Any],
) -> None:
    now = db.now(conn)
    if counts.redo_id is None:
        counts.redo_id = conn.execute(
            insert(redos)
            .values(
                batch_id=batch.id,
                created_at=now,
                options=options.to_json(),
                below=chosen.below,
                also_reviewed=int(chosen.also_reviewed),
                page_count=0,
            )
            .returning(redos.c.id)
        ).scalar_one()
    conn.execute(
        update(redos)
        .where(redos.c.id == counts.redo_id)
        .values(page_count=redos.c.page_count + len(rows))
    )
    ids = [row.id for row in rows]
    if not requeue(conn, batch.id, ids, now, redo_id=counts.redo_id):
        raise UsageError(f"batch {batch.name!r} was cancelled meanwhile")
    record_events(conn, now, EventKind.REDO, rows, f"redo {counts.redo_id}: {options.to_json()}")


def _candidates(
    conn: Connection, batch_id: int, chosen: RedoFilter, after: int, *, is_locked: bool
) -> Sequence[Any]:
    reviewed = exists().where(corrections.c.reading_id == readings.c.id)
    query = (
        select(pages.c.id, pages.c.fence, pages.c.attempts, pages.c.owner, documents.c.path)
        .add_columns(readings.c.options, models.c.weights_sha256.label("model"))
        .add_columns(reviewed.label("is_reviewed"))
        .join_from(pages, documents, documents.c.id == pages.c.document_id)
        .join(readings, readings.c.id == pages.c.reading_id)
        .join(models, models.c.id == readings.c.model_id)
        .where(
            pages.c.batch_id == batch_id,
            pages.c.state == literal_state(PageState.DONE),
            pages.c.id > after,
        )
        .order_by(pages.c.id)
        .limit(_AT_ONCE)
    )
    if chosen.below is not None:
        # without a character, on a page that is not blank, everything was missed
        nothing = and_(readings.c.confidence.is_(None), ~readings.c.is_blank)
        query = query.where(or_(readings.c.confidence < chosen.below, nothing))
    if chosen.page_ids:
        query = query.where(pages.c.id.in_(sorted(chosen.page_ids)))
    return conn.execute(query.with_for_update(of=pages) if is_locked else query).all()
