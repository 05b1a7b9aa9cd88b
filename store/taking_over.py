"""Links to what another batch has not read, made documents of their own by who reads one batch."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import Select, exists, select, update

from store.database import Database
from store.duplicates import make_real
from store.schema import batches, documents, pages

_ORIGINAL = documents.alias("original")


def take_over_unread(db: Database, batch_id: int, limit: int = 500) -> int:
    """Give links of a batch pages of their own, when those of their originals are not all read.

    A submit links to what another batch is to read; a run reads its batch alone, and nobody may
    ever read the other one (it is paused, cancelled later, or there is no worker).

    Args:
        db: the database.
        batch_id: a batch that somebody is about to read.
        limit: links in one transaction.

    Returns:
        How many links are looked at; call again until there are none.
    """
    question = _unread(batch_id).limit(limit)
    with db.read() as conn:
        if conn.execute(question.limit(1)).first() is None:
            return 0
    with db.write(durable=True) as conn:
        # As an intake does: the batch first, then its documents.
        conn.execute(select(batches.c.id).where(batches.c.id == batch_id).with_for_update())
        links = conn.execute(question.with_for_update(of=documents)).all()
        for original_id, group in groupby(links, key=lambda link: link.duplicate_of):
            first = next(group).id
            if not make_real(db, conn, first, batch_id, original_id):
                return 0  # the batch was cancelled meanwhile
            conn.execute(
                update(documents)
                .where(documents.c.batch_id == batch_id, documents.c.duplicate_of == original_id)
                .values(duplicate_of=first)
            )
    return len(links)


def _unread(batch_id: int) -> Select[tuple[int, int]]:
    has_unread = exists().where(
        pages.c.document_id == documents.c.duplicate_of, pages.c.reading_id.is_(None)
    )
    return (
        select(documents.c.id, documents.c.duplicate_of)
        .join(_ORIGINAL, _ORIGINAL.c.id == documents.c.duplicate_of)
        .where(
            documents.c.batch_id == batch_id,
            documents.c.duplicate_of.is_not(None),
            _ORIGINAL.c.batch_id != batch_id,
            has_unread,
        )
        .order_by(documents.c.duplicate_of, documents.c.id)
    )
