"""Which runs of schedules have something left to do."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from store.schema import schedule_runs


def is_unfinished() -> ColumnElement[bool]:
    """Of a row of `schedule_runs`; literals, so that the partial index serves."""
    return schedule_runs.c.state.in_([literal_column("'firing'"), literal_column("'intake'")])
