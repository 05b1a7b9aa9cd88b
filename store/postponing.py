"""Pages that wait for a time, after a fault of the database or storage, and their way back.

While it waits a page is in no index that a claim looks at: behind a share that is away a hundred
thousand of them may pile up, and a claim that had to pass them would take thirty times as long.
`pages.not_before` says until when it waits; a worker's tick, which comes twice a second, then
wakes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from ocrq.types import PageState
from store.database import Database
from store.leases import Claim, freed, held
from store.ready import literal_state
from store.schema import batches, pages
from store.turns import serving_turn

#: No pause is longer: a page that is to wait for more had it from a clock that was set back since.
LONGEST_PAUSE_S = 300.0
#: Pages woken in one transaction: it holds their rows for some hundredths of a second.
_MOST_WOKEN = 1_000


def postpone(db: Database, claim: Claim, error_code: str, error: str, delay_s: float) -> bool:
    """The database, broker or storage was in the way: later again, no attempt charged."""
    with db.write() as conn:
        changes = freed(PageState.QUEUED, error_code, error)
        changes["not_before"] = pause_end(db, conn, delay_s)
        return (
            conn.execute(
                update(pages).where(held(claim)).values(**changes, attempts=pages.c.attempts - 1)
            ).rowcount
            == 1
        )


def pause_end(db: Database, conn: Connection, delay_s: float) -> datetime | None:
    """What `pages.not_before` is to be for a pause of so many seconds from now on."""
    return db.now(conn) + timedelta(seconds=delay_s) if delay_s > 0 else None


def wake_postponed(db: Database, limit: int = _MOST_WOKEN) -> int:
    """Let pages whose pause is over be claimed; cheap when there are none.

    A pause that would last longer than any is over, too.

    Their turns were those of the time when they were postponed. They get turns anew, from the one
    that their batch is at: read soon, in the order in which they were, and yet no thousand of them
    goes before the next page of another batch.

    Args:
        db: the database.
        limit: pages woken at a time; the others are woken by the next ticks.

    Returns:
        How many were woken.
    """
    with db.read() as conn:
        now = db.now(conn)
        # Two looks at the two ends of the index; one for both would go through all of it.
        found = [
            row
            for is_due, order in (
                (_is_over(now), pages.c.not_before),
                (_is_impossible(now), pages.c.not_before.desc()),
            )
            for row in conn.execute(
                select(pages.c.batch_id, pages.c.id)
                .where(_is_postponed(), is_due)
                .order_by(order)
                .limit(limit)
            )
        ]
    by_batch: dict[int, list[int]] = {}
    for batch_id, page_id in found:
        by_batch.setdefault(batch_id, []).append(page_id)
    return sum(_wake(db, batch_id, page_ids) for batch_id, page_ids in by_batch.items())


def _wake(db: Database, batch_id: int, page_ids: Sequence[int]) -> int:
    with db.write() as conn:
        # The batch first, as whoever cancels it does: two orders would be a deadlock.
        priority: int = conn.execute(
            select(batches.c.priority)
            .where(batches.c.id == batch_id)
            .with_for_update(key_share=True)
        ).scalar_one()
        now = db.now(conn)
        due = conn.execute(
            select(pages.c.id)
            .where(
                pages.c.id.in_(page_ids),
                _is_postponed(),
                or_(_is_over(now), _is_impossible(now)),
            )
            .with_for_update(skip_locked=True)
        ).scalars()
        first = serving_turn(conn, batch_id, priority, now)
        in_order = func.row_number().over(order_by=(pages.c.turn, pages.c.id))
        ranked = (
            select(pages.c.id, (in_order - 1).label("number"))
            .where(pages.c.id.in_(list(due)))
            .subquery("ranked")
        )
        return conn.execute(
            update(pages)
            .where(pages.c.id == ranked.c.id)
            .values(not_before=None, turn=first + ranked.c.number)
        ).rowcount


def _is_postponed() -> ColumnElement[bool]:
    return and_(pages.c.state == literal_state(PageState.QUEUED), pages.c.not_before.is_not(None))


def _is_over(now: datetime) -> ColumnElement[bool]:
    return pages.c.not_before <= now


def _is_impossible(now: datetime) -> ColumnElement[bool]:
    return pages.c.not_before > now + timedelta(seconds=LONGEST_PAUSE_S)
