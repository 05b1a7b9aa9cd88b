from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from store.columns import UtcTime, utc_text

TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda t: t.replace(tzinfo=UTC)
)


@given(TIMES, TIMES)
def test_texts_sort_like_the_times_that_they_stand_for(a: datetime, b: datetime) -> None:
    assert (utc_text(a) < utc_text(b)) == (a < b)


@given(TIMES)
def test_a_time_comes_back_from_its_text(when: datetime) -> None:
    kind, dialect = UtcTime(), sqlite.dialect()
    assert kind.process_result_value(kind.process_bind_param(when, dialect), dialect) == when


def test_zones_become_utc_and_a_time_without_one_is_refused() -> None:
    zone = timezone(timedelta(hours=2))
    assert utc_text(datetime(2026, 1, 1, 1, tzinfo=zone)) == "2025-12-31 23:00:00.000000Z"
    with pytest.raises(ValueError, match="without a zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())
