"""Whether a choice of pages by paths or ids can mean anything: to tell a typo from "none"."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from ocrq.errors import UsageError
from store.database import Database
from store.near_names import near_names
from store.retrying import path_matches
from store.schema import documents, pages

_AT_ONCE = 5_000
_REMEMBERED = 2_000  # names that a mistyped one is compared with


def check_documents(db: Database, batch_id: int | None, patterns: Collection[str]) -> None:
    """Refuse a pattern that fits no document at all.

    Raises:
        UsageError: names the nearest files.
    """
    missing = list(patterns)
    names: set[str] = set()
    after, total = 0, 0
    while missing:
        query = select(documents.c.id, documents.c.path).where(documents.c.id > after)
        if batch_id is not None:
            query = query.where(documents.c.batch_id == batch_id)
        with db.read() as conn:
            rows = conn.execute(query.order_by(documents.c.id).limit(_AT_ONCE)).all()
        total += len(rows)
        for row in rows:
            missing = [pattern for pattern in missing if not path_matches(row.path, [pattern])]
            if len(names) < _REMEMBERED:
                names.add(row.path.rpartition("/")[2])
        if len(rows) < _AT_ONCE:
            break
        after = rows[-1].id
    if missing:
        hint = near_names(missing[0], sorted(names), total=total, cutoff=0.4)
        raise UsageError(f"no document fits {missing[0]!r}{hint}")


def check_pages(db: Database, batch_id: int | None, page_ids: Collection[int]) -> None:
    """Refuse page ids that do not exist, or not in this batch.

    Raises:
        UsageError: names the first of them.
    """
    if not page_ids:
        return
    query = select(pages.c.id).where(pages.c.id.in_(sorted(page_ids)))
    if batch_id is not None:
        query = query.where(pages.c.batch_id == batch_id)
    with db.read() as conn:
        known = set(conn.execute(query).scalars())
    unknown = sorted(set(page_ids) - known)
    if unknown:
        where = " in this batch" if batch_id is not None else ""
        raise UsageError(
            f"there is no page with the id {unknown[0]}{where}; `ocrq failures` shows page ids"
        )
