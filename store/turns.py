"""Whose turn it is: start-time fair queueing, so that a small batch finishes beside a huge one.

Goyal, Vin and Cheng 1996: work gets a start tag when it arrives, never below the tag that is
served now, and the lowest tag is served first. Page n of a batch that arrives gets the lowest
queued turn of its priority + n, so it alternates with the batches that are already there. The
pages of a small one that arrives are two to a turn: half as many others go before its last page,
and a huge one hardly feels it.

A batch that comes back (resumed, or with another priority) is such an arrival too, with a million
pages perhaps: not their turns change but `batches.turn_shift`, which is added to them whenever
batches are compared.

A claim looks for the lowest queued turn of a batch. While somebody keeps a snapshot open (a dump,
a report, a forgotten psql), PostgreSQL must keep what the index says about every page that was
claimed since, and each claim would walk over all of that. `batches.turn_floor` is where it begins
instead: no queued page stood below it when a worker last looked, some seconds ago at most. A page
that was given back to a lower turn since then waits for the next look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, func, select, update

from store.database import Database
from store.ready import batch_is_open, page_is_ready
from store.schema import batches, pages

#: Turns that a floor rises at a time: to walk over so many index entries takes a tenth of what a
#: claim takes.
FLOOR_STEP = 1_000


#: A batch that arrives with no more pages than these is a small one.
SMALL_PAGES = 100


def new_turns(
    conn: Connection, batch_id: int, priority: int, now: datetime, pages_count: int
) -> Sequence[int]:
    """The turns of so many pages that are submitted into this batch, one after the other."""
    first = next_turn(conn, batch_id, priority, now)
    is_small = pages_count <= SMALL_PAGES and _last_turn(conn, batch_id) is None
    return [first + number // (2 if is_small else 1) for number in range(pages_count)]


def next_turn(conn: Connection, batch_id: int, priority: int, now: datetime) -> int:
    """The turn of the next page that enters this batch; the ones after it count on."""
    own = _last_turn(conn, batch_id)
    return _arrival(conn, batch_id, priority, now) if own is None else own + 1


def _last_turn(conn: Connection, batch_id: int) -> int | None:
    last: int | None = conn.execute(
        select(func.max(pages.c.turn)).where(pages.c.batch_id == batch_id, page_is_ready())
    ).scalar()
    return last


def serving_turn(conn: Connection, batch_id: int, priority: int, now: datetime) -> int:
    """The turn that a batch is at: that of a page which comes back to its front."""
    own: int | None = conn.execute(
        select(func.min(pages.c.turn)).where(pages.c.batch_id == batch_id, page_is_ready())
    ).scalar()
    return _arrival(conn, batch_id, priority, now) if own is None else own


def _arrival(conn: Connection, batch_id: int, priority: int, now: datetime) -> int:
    """The first turn of a batch that has no page waiting: where the others are."""
    shift: int = conn.execute(
        update(batches)
        .where(batches.c.id == batch_id)
        .values(turn_floor=None)
        .returning(batches.c.turn_shift)
    ).scalar_one()
    return (current_turn(conn, priority, now) or 0) - shift


def rejoin(
    conn: Connection, batch_id: int, priority: int, now: datetime, *, is_new_class: bool
) -> None:
    """Let a batch that was away start where the others of its priority are now.

    Args:
        conn: inside the transaction that brings it back.
        batch_id: the batch.
        priority: the one that it has from now on.
        now: the time of the queue.
        is_new_class: its priority changed: its old place means nothing. Else it was only paused,
            and keeps a place behind the others, so that pausing is no way to the front.
    """
    own = conn.execute(
        select(_head().label("turn"), batches.c.turn_shift).where(batches.c.id == batch_id)
    ).one()
    others = current_turn(conn, priority, now, without=batch_id)
    if own.turn is None or others is None:
        return
    shift = others - own.turn
    if not is_new_class:
        shift = max(shift, own.turn_shift)
    if shift != own.turn_shift:
        conn.execute(update(batches).where(batches.c.id == batch_id).values(turn_shift=shift))


def current_turn(
    conn: Connection, priority: int, now: datetime, without: int | None = None
) -> int | None:
    """The lowest queued turn of a priority: the one that is served now; None when none waits."""
    conditions = [batch_is_open(now), batches.c.priority == priority]
    if without is not None:
        conditions.append(batches.c.id != without)
    lowest: int | None = conn.execute(
        select(func.min(_head() + batches.c.turn_shift)).where(*conditions)
    ).scalar()
    return lowest


def note_floors(db: Database) -> int:
    """Note for each open batch the lowest turn that is queued; the chore of one worker.

    Returns:
        How many floors were moved.
    """
    with db.read() as conn:
        seen = conn.execute(
            select(batches.c.id, batches.c.turn_floor, _head().label("head")).where(
                batch_is_open(db.now(conn))
            )
        ).all()
    moved = [row for row in seen if row.head is not None and _is_off(row.turn_floor, row.head)]
    for row in moved:
        with db.write() as conn:
            conn.execute(update(batches).where(batches.c.id == row.id).values(turn_floor=row.head))
    return len(moved)


def _is_off(floor: int | None, head: int) -> bool:
    if floor is None:
        return head >= FLOOR_STEP
    return head < floor or head >= floor + FLOOR_STEP


def _head() -> ScalarSelect[int]:
    """The lowest queued turn of a batch, by the index pages_queued."""
    return (
        select(pages.c.turn)
        .where(pages.c.batch_id == batches.c.id, page_is_ready())
        .order_by(pages.c.turn, pages.c.id)
        .limit(1)
        .correlate(batches)
        .scalar_subquery()
    )
