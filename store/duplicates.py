"""Links between equal documents, and what becomes of them when the original is lost.

A duplicate has no pages: views and exports show those of the document it equals. When a page of
the original fails, is quarantined or cancelled, the same transaction marks its links; the tick
of a worker then makes the first of them a real document and points the others at it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby

from sqlalchemy import (
    ColumnElement,
    Connection,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from ocrq.types import PageState
from store.database import Database
from store.schema import batches, documents, pages
from store.turns import next_turn

#: A document with such a page cannot stand for another one.
_LOST = (PageState.FAILED, PageState.QUARANTINED, PageState.CANCELLED)
_PAGE = pages.alias("lost")
#: A literal: only so the partial index serves, whatever a connection knew when it first asked.
_IS_ORPHAN = documents.c.original_lost == literal_column("1")


def find_originals(
    conn: Connection,
    options_hash: str,
    hashes: Iterable[str],
    *,
    is_held: bool = True,
    unread_of: int | None = None,
) -> Mapping[str, int]:
    """Documents, done or in work with these options, by the sha256 of their files.

    Args:
        conn: a transaction.
        options_hash: how they are read, model included.
        hashes: of the files.
        is_held: their batches are held until the end of the transaction, so that none of them is
            deleted before the links are there (store/pruning_batches.py closes a batch first, which
            waits for this). Without it the transaction may be one that only reads.
        unread_of: of what is not read to its end yet, only documents of this batch count; None: of
            all batches.
    """
    original, batch = documents.alias(), batches.alias()
    first = (
        select(func.min(original.c.id))
        .join(batch, batch.c.id == original.c.batch_id)
        .where(
            original.c.sha256.in_(sorted(set(hashes))),
            batch.c.options_hash == options_hash,
            batch.c.cancelled_at.is_(None),
            original.c.duplicate_of.is_(None),
            exists().where(pages.c.document_id == original.c.id),
            ~_has_lost_page(original.c.id),
            # read again since, with other options than its batch has
            ~exists().where(pages.c.document_id == original.c.id, pages.c.redo_id.is_not(None)),
        )
        .group_by(original.c.sha256)
    )
    if unread_of is not None:
        has_unread = exists().where(
            pages.c.document_id == original.c.id, pages.c.reading_id.is_(None)
        )
        first = first.where(or_(original.c.batch_id == unread_of, ~has_unread))
    found = conn.execute(
        select(documents.c.sha256, documents.c.id, documents.c.batch_id).where(
            documents.c.id.in_(first)
        )
    ).all()
    if not found or not is_held:
        return {row.sha256: row.id for row in found}
    held = set(
        conn.execute(
            select(batches.c.id)
            .where(
                batches.c.id.in_({row.batch_id for row in found}),
                batches.c.cancelled_at.is_(None),
            )
            .order_by(batches.c.id)
            .with_for_update(read=True, key_share=True)
        ).scalars()
    )
    return {row.sha256: row.id for row in found if row.batch_id in held}


def count_linked_unread(conn: Connection, batch_id: int) -> int:
    """Pages of other batches that links of this one stand for and that are not read yet."""
    count: int = conn.execute(
        select(func.count())
        .select_from(documents)
        .join(pages, pages.c.document_id == documents.c.duplicate_of)
        .where(
            documents.c.batch_id == batch_id,
            documents.c.duplicate_of.is_not(None),
            pages.c.batch_id != batch_id,
            pages.c.reading_id.is_(None),
        )
    ).scalar_one()
    return count


def has_orphaned_duplicates(conn: Connection, batch_id: int) -> bool:
    """Whether links of a batch lost their original and wait to be made documents of their own."""
    some = select(documents.c.id).where(_IS_ORPHAN, documents.c.batch_id == batch_id)
    return conn.execute(some.limit(literal_column("1"))).first() is not None


def mark_orphans(conn: Connection, document_ids: Collection[int]) -> None:
    """Pages of these documents were lost just now, in this transaction: mark the links to them."""
    if not document_ids:
        return
    ids = sorted(document_ids)
    # An intake that links to one of them right now waits for us, or we for it (see recheck_links).
    conn.execute(
        select(documents.c.id)
        .where(documents.c.id.in_(ids))
        .order_by(documents.c.id)
        .with_for_update()
    )
    conn.execute(update(documents).where(documents.c.duplicate_of.in_(ids)).values(original_lost=1))


def recheck_links(conn: Connection, document_ids: Collection[int]) -> None:
    """Mark links, made in this transaction, whose original was lost in the meantime."""
    conn.execute(
        update(documents)
        .where(documents.c.id.in_(document_ids), _has_lost_page(documents.c.duplicate_of))
        .values(original_lost=1)
    )


def revive_orphaned_duplicates(db: Database, limit: int = 100) -> int:
    """Turn links to lost originals into documents of their own; cheap when there are none.

    Returns:
        How many links were looked at: when it is `limit`, more may wait.
    """
    with db.read() as conn:
        some = select(documents.c.id).where(_IS_ORPHAN).limit(literal_column("1"))
        if conn.execute(some).first() is None:
            return 0
    with db.write(durable=True) as conn:
        links = conn.execute(
            select(
                documents.c.id,
                documents.c.batch_id,
                documents.c.duplicate_of,
                _has_lost_page(documents.c.duplicate_of).label("is_lost"),
                exists()
                .where(batches.c.id == documents.c.batch_id, batches.c.cancelled_at.is_not(None))
                .label("is_cancelled"),
            )
            .where(_IS_ORPHAN)
            .order_by(documents.c.duplicate_of, documents.c.id)
            .limit(limit)
            .with_for_update(of=documents)
        ).all()
        conn.execute(
            update(documents)
            .where(documents.c.id.in_([link.id for link in links]))
            .values(original_lost=0)
        )
        wanted = [link for link in links if link.is_lost and not link.is_cancelled]
        for original_id, group in groupby(wanted, key=lambda link: link.duplicate_of):
            others = list(group)
            while others:
                first = others.pop(0)
                if make_real(db, conn, first.id, first.batch_id, original_id):
                    conn.execute(
                        update(documents)
                        .where(documents.c.id.in_([link.id for link in others]))
                        .values(duplicate_of=first.id)
                    )
                    break
    return len(links)


def make_real(
    db: Database, conn: Connection, document_id: int, batch_id: int, original_id: int
) -> bool:
    """Give a link pages of its own, queued, as many as its original has.

    Returns:
        False, and nothing is done, where the link's batch was cancelled meanwhile.
    """
    batch = conn.execute(
        update(batches)
        .where(batches.c.id == batch_id, batches.c.cancelled_at.is_(None))
        .values(finished_at=None)
        .returning(batches.c.priority)
    ).first()
    if batch is None:
        return False
    conn.execute(update(documents).where(documents.c.id == document_id).values(duplicate_of=None))
    turn = next_turn(conn, batch_id, batch.priority, db.now(conn))
    copied = select(
        literal(batch_id),
        literal(document_id),
        pages.c.number,
        pages.c.megapixels,
        literal(PageState.QUEUED.value),
        literal(turn) + pages.c.number - 1,
    ).where(pages.c.document_id == original_id)
    names = ["batch_id", "document_id", "number", "megapixels", "state", "turn"]
    conn.execute(insert(pages).from_select(names, copied))
    return True


def _has_lost_page(document_id: object) -> ColumnElement[bool]:
    return exists().where(_PAGE.c.document_id == document_id, _PAGE.c.state.in_(_LOST))
