"""The unusual in the life of a page: `page_events` rows, append-only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert

from store.schema import page_events

#: The detail of a RETRY that somebody asked for; the others say which error is tried again.
ASKED_FOR = "asked for"


class EventKind(StrEnum):
    """Why a page left its usual way; stored as text in `page_events.kind`."""

    KILL = "kill"  # its process was killed or died
    DEADLINE = "deadline"  # it ran past its deadline
    MEMORY = "memory"  # it wanted more memory than a page may take
    REAP = "reap"  # its whole worker was lost; nothing was charged to the page
    RETRY = "retry"  # it raised an error and is tried again, or somebody asked for it
    CANCEL = "cancel"  # its batch was cancelled while it was being read
    REDO = "redo"  # it is read again although it has a reading


def record_events(
    conn: Connection, now: datetime, kind: EventKind, rows: Iterable[Any], detail: str | None = None
) -> None:
    """Note one event for each page row (with id, fence, attempts and owner)."""
    values = [
        {
            "page_id": row.id,
            "created_at": now,
            "kind": kind.value,
            "fence": row.fence,
            "attempts": row.attempts,
            "owner": row.owner,
            "detail": detail,
        }
        for row in rows
    ]
    if values:
        conn.execute(insert(page_events), values)
