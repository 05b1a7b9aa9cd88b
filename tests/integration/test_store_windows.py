"""Windows that hold a batch outside their hours: on both databases."""

from __future__ import annotations

import pytest

from ocrq.errors import UsageError
from store.batches import open_batch
from store.claims import ClaimScope, ready_count
from store.database import Database
from store.intake import add_documents
from store.windows import Window, roll_windows
from tests.queueing import (
    OPTIONS,
    make_batch,
    make_document,
    rows,
    take,
    try_take,
)
from tests.scheduling import (
    go_to,
    local,
)


def test_a_batch_whose_window_opens_again_takes_turns_with_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.turns.SMALL_PAGES", 0)  # equal shares
    go_to(database, local("2026-10-20 02:00:01"))
    window = Window.parse("2-6", "Europe/Berlin")
    nightly = open_batch(database, name="w", options=OPTIONS, options_hash="h", window=window)
    add_documents(database, nightly, [make_document(pages=9)])
    daily = make_batch(database, pages=40)
    assert {take(database).batch_id for _ in range(4)} == {nightly.id, daily.id}
    go_to(database, local("2026-10-20 12:00"))
    roll_windows(database)
    assert [take(database).batch_id for _ in range(20)] == [daily.id] * 20
    go_to(database, local("2026-10-21 01:59:50"))
    roll_windows(database)  # a tick just before it opens
    go_to(database, local("2026-10-21 02:00:01"))
    taken = [take(database).batch_id for _ in range(10)]
    assert taken.count(nightly.id) == 5, "it does not go before the others because it was shut"


def test_a_window_holds_its_batch_outside_of_its_hours(database: Database) -> None:
    go_to(database, local("2026-10-24 12:00"))
    window = Window.parse("2-6", "Europe/Berlin")
    batch = open_batch(database, name="w", options=OPTIONS, options_hash="h", window=window)
    add_documents(database, batch, [make_document(pages=9)])
    scope = ClaimScope(batch_id=None, owner="a", task_id=None)
    for when, is_open in (
        ("2026-10-24 23:00", False),
        ("2026-10-25 02:00:01", True),  # five hours: the third comes twice
        ("2026-10-25 05:59", True),
        ("2026-10-25 06:01", False),
        ("2026-10-26 01:59", False),
        ("2026-10-26 02:01", True),
        ("2026-10-29 03:00", True),  # nobody looked for days
    ):
        go_to(database, local(when))
        if is_open:
            roll_windows(database)
        assert (try_take(database) is not None) == is_open, when
        assert (ready_count(database, scope, 10) > 0) == is_open, when
        roll_windows(database)
        assert (try_take(database) is not None) == is_open, when
    found = rows(database, "SELECT * FROM batches")[0]
    assert found["time_window"] == "02:00-06:00 Europe/Berlin"
    assert roll_windows(database) == 0
    with pytest.raises(UsageError, match="window 02:00-06:00 Europe/Berlin, not 03:00"):
        open_batch(
            database,
            name="w",
            options=OPTIONS,
            options_hash="h",
            window=Window.parse("3-6", "Europe/Berlin"),
        )
