"""Deleting what is old: readings that are not current, and whole batches when that is asked for.

Every transaction deletes some ten thousand characters at most, so the queue goes on beside it;
given again after an interruption, the same call goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select

from ocrq.types import PageState
from store.database import Database
from store.result_tables import characters, corrections, lines, readings, regions
from store.schema import batches, pages
from store.submits import is_being_filled

#: Characters deleted in one transaction, and readings (those of blank pages have none).
_CHARACTERS_AT_ONCE = 40_000
_READINGS_AT_ONCE = 200


@dataclass(slots=True, kw_only=True)
class PruneCounts:
    """What was deleted, or would be."""

    readings: int = 0
    characters: int = 0
    corrections: int = 0
    batches: int = 0
    documents: int = 0
    pages: int = 0
    kept_reviewed: int = 0  # readings or batches that were kept for their corrections
    inherited: int = 0  # documents of other batches that took over the pages of a pruned one
    partitions: int = 0  # dropped, PostgreSQL only

    def add(self, other: PruneCounts) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def _nothing(_counts: PruneCounts) -> None:
    pass


def prune_readings(
    db: Database,
    before: datetime,
    *,
    also_reviewed: bool = False,
    on_progress: Callable[[PruneCounts], None] = _nothing,
) -> PruneCounts:
    """Delete readings made before a time that are not the current one of their page.

    Args:
        db: the database.
        before: readings made from then on stay.
        also_reviewed: those too that people corrected, with the corrections.
        on_progress: called after each transaction.
    """
    counts = PruneCounts()
    if not also_reviewed:
        with db.read() as conn:
            counts.kept_reviewed = count_kept(conn, before)
    after = 0
    while True:
        with db.write() as conn:
            query = select(readings.c.id, readings.c.character_count).where(
                superseded(before, also_reviewed=also_reviewed), readings.c.id > after
            )
            chosen = list(_some(conn, query.order_by(readings.c.id)))
            if not chosen:
                return counts
            counts.add(delete_readings(conn, chosen))
        after = chosen[-1]
        on_progress(counts)


def superseded(before: datetime, *, also_reviewed: bool) -> ColumnElement[bool]:
    """Of a row of `readings`: older than that, not current, and not to be kept for corrections."""
    conditions = [readings.c.created_at < before, _is_not_current()]
    return and_(*conditions) if also_reviewed else and_(*conditions, ~_has_corrections())


def count_kept(conn: Connection, before: datetime) -> int:
    """Readings that would go, were it not for their corrections."""
    kept: int = conn.execute(
        select(func.count())
        .select_from(readings)
        .where(readings.c.created_at < before, _is_not_current(), _has_corrections())
    ).scalar_one()
    return kept


def delete_readings(conn: Connection, reading_ids: Sequence[int]) -> PruneCounts:
    """Delete readings with all that hangs on them."""
    gone = PruneCounts(readings=len(reading_ids))
    for table in (characters, lines, regions, corrections):
        number = conn.execute(delete(table).where(table.c.reading_id.in_(reading_ids))).rowcount
        if table is characters:
            gone.characters = number
        elif table is corrections:
            gone.corrections = number
    conn.execute(delete(readings).where(readings.c.id.in_(reading_ids)))
    return gone


def old_batches(
    db: Database, before: datetime, *, also_reviewed: bool
) -> tuple[list[tuple[int, str]], list[str]]:
    """Batches that came to their end before a time: (id, name), and names of those kept.

    A batch with corrections is kept unless `also_reviewed`.
    """
    unfinished = exists().where(
        pages.c.batch_id == batches.c.id,
        pages.c.state.in_([PageState.QUEUED, PageState.LEASED]),
    )
    ended = func.coalesce(batches.c.finished_at, batches.c.cancelled_at)
    reviewed = exists(
        select(corrections.c.id)
        .join(readings, readings.c.id == corrections.c.reading_id)
        .join(pages, pages.c.id == readings.c.page_id)
        .where(pages.c.batch_id == batches.c.id)
    )
    query = select(batches.c.id, batches.c.name, reviewed.label("is_reviewed"))
    with db.read() as conn:
        kept_open = or_(unfinished, is_being_filled(db.now(conn)))
        rows = conn.execute(query.where(ended < before, ~kept_open).order_by(batches.c.id)).all()
    kept = [row.name for row in rows if row.is_reviewed and not also_reviewed]
    return [(row.id, row.name) for row in rows if row.name not in kept], kept


def _some(conn: Connection, query: Select[Any]) -> Iterator[int]:
    """Ids of the first readings of a query, as many as one transaction may delete; locked."""
    total = 0
    for row in conn.execute(query.limit(_READINGS_AT_ONCE).with_for_update(of=readings)).all():
        yield row.id
        total += row.character_count
        if total >= _CHARACTERS_AT_ONCE:
            return


def _is_not_current() -> ColumnElement[bool]:
    page = pages.alias("page_of_reading")
    return ~exists().where(
        page.c.id == readings.c.page_id,
        or_(page.c.reading_id == readings.c.id, page.c.reading_id.is_(None)),
    )


def _has_corrections() -> ColumnElement[bool]:
    correction = corrections.alias("correction_of_reading")
    return exists().where(correction.c.reading_id == readings.c.id)
