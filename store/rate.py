"""How fast pages of a batch are read of late, from the newest readings alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from store.result_tables import readings
from store.schema import pages

_NEWEST = 500
_WINDOW_S = 600.0
#: Nothing new for so long, and so many times the usual time between two: reading has stopped.
_STOPPED_S = 60.0
_STOPPED_GAPS = 10


def pages_per_minute(conn: Connection, batch_id: int, now: datetime) -> float | None:
    """Pages of a batch a minute, among the newest 500 readings of the last ten minutes.

    Constant in cost: the readings' key is in the order of time. None when there are no readings, or
    when the newest is so old that reading has come to a stop.
    """
    newest = (
        select(readings.c.id, readings.c.page_id, readings.c.created_at)
        .order_by(readings.c.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    recent = newest.c.created_at > now - timedelta(seconds=_WINDOW_S)
    # From the batch's own first one: others may have been read long before this batch began.
    oldest, latest, count = conn.execute(
        select(func.min(newest.c.created_at), func.max(newest.c.created_at), func.count())
        .select_from(newest.join(pages, pages.c.id == newest.c.page_id))
        .where(recent, pages.c.batch_id == batch_id)
    ).one()
    if oldest is None:
        return None
    usual_gap_s = (latest - oldest).total_seconds() / count
    if (now - latest).total_seconds() > _STOPPED_S + _STOPPED_GAPS * usual_gap_s:
        return None
    # One page done a moment ago is no rate: nothing is counted over less than five seconds.
    minutes = max((now - oldest).total_seconds(), 5.0) / 60
    rate: float = count / minutes
    return rate
