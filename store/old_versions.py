"""Pages of files that were submitted again in a newer version, which the batch holds as well.

What could not be read of an older version is nobody's concern any more: such pages are cancelled,
in a batch that goes on, with the code `replaced`. They fail no run, and no retry queues them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, literal, or_, select, update

from ocrq.types import PageState
from store.database import Database
from store.events import EventKind, record_events
from store.ready import literal_state
from store.schema import documents, pages

REPLACED = "replaced"
_NEWER = documents.alias("newer")


def set_aside_old_versions(db: Database, batch_id: int) -> int:
    """Cancel the pages of a batch that were given up and belong to older versions of its files.

    Returns:
        How many.
    """
    with db.write() as conn:
        return set_aside(conn, db.now(conn), pages.c.batch_id == batch_id)


def set_aside(conn: Connection, now: datetime, chosen: ColumnElement[bool]) -> int:
    """The same for chosen pages, in the caller's transaction.

    Args:
        conn: a transaction that writes.
        now: the time of the queue.
        chosen: which pages to look at.
    """
    newer = exists().where(
        _NEWER.c.path_bytes == documents.c.path_bytes,
        _NEWER.c.batch_id == documents.c.batch_id,
        _NEWER.c.id > documents.c.id,
        # One that was only touched is a link: it stands on the older document's pages.
        or_(_NEWER.c.duplicate_of.is_(None), _NEWER.c.duplicate_of != documents.c.id),
    )
    return _cancel(conn, now, and_(chosen, newer), "a newer version of the file was submitted")


def set_aside_folders(
    conn: Connection, now: datetime, batch_id: int, paths: Iterable[bytes]
) -> int:
    """Cancel the pages that stand for folders of these files which could not be listed before."""
    folders: set[bytes] = set()
    for path in paths:
        folder = os.path.dirname(path)  # noqa: PTH120
        while folder not in folders and len(folder) > 1:
            folders.add(folder)
            folder = os.path.dirname(folder)  # noqa: PTH120
    mine = and_(
        documents.c.path_bytes.in_(folders),
        documents.c.batch_id == batch_id,
        documents.c.error_code == "unreadable_folder",
    )
    return _cancel(conn, now, mine, "the files of the folder were submitted")


def _cancel(conn: Connection, now: datetime, chosen: ColumnElement[bool], why: str) -> int:
    given_up = [literal_state(state) for state in (PageState.FAILED, PageState.QUARANTINED)]
    rows = conn.execute(
        select(pages.c.id, pages.c.fence, pages.c.attempts, pages.c.owner)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(chosen, pages.c.state.in_(given_up))
        .order_by(pages.c.id)
        .with_for_update(of=pages, skip_locked=True)  # a retry that is at work comes first
    ).all()
    if not rows:
        return 0
    conn.execute(
        update(pages)
        .where(pages.c.id.in_([row.id for row in rows]))
        .values(
            state=PageState.CANCELLED.value,
            error=literal(f"{why}; before, it ended as ") + pages.c.error_code,
            error_code=REPLACED,
        )
    )
    record_events(conn, now, EventKind.CANCEL, rows, why)
    return len(rows)
