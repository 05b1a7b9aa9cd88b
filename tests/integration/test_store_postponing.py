"""Pages that wait for a time: out of the way of claims, and back when it is over."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from store.cancelling import cancel_batch
from store.claims import ClaimScope, postpone, ready_count
from store.database import Database
from store.postponing import wake_postponed
from store.turns import FLOOR_STEP, note_floors
from store.unsettled import give_back
from tests.queueing import column, execute, make_batch, page_row, take, try_take

_ALL = ClaimScope(batch_id=None, owner="host/1", task_id=None)


def _postpone_next(db: Database, count: int, delay_s: float = 60.0) -> list[int]:
    held = [take(db) for _ in range(count)]
    assert all(postpone(db, one, "storage", "the share is gone", delay_s) for one in held)
    return [one.page_id for one in held]


def test_a_postponed_page_waits_and_is_not_charged(database: Database) -> None:
    make_batch(database, pages=2)
    (late,) = _postpone_next(database, 1)
    assert page_row(database, late)["error_code"] == "storage"
    assert ready_count(database, _ALL, 10) == 1
    assert take(database).number == 2
    assert try_take(database) is None
    assert wake_postponed(database) == 0
    database.clock.advance(61.0)
    assert wake_postponed(database) == 1
    again = take(database)
    assert (again.page_id, again.fence, again.attempt) == (late, 2, 1)


def test_a_clock_that_is_set_back_makes_no_page_wait_for_hours(database: Database) -> None:
    make_batch(database, pages=2)
    late = _postpone_next(database, 2)
    database.clock.jump(-1_800.0)
    assert wake_postponed(database) == 2
    assert {take(database).page_id for _ in late} == set(late)


def test_a_page_that_is_given_back_without_a_pause_is_ready_at_once(database: Database) -> None:
    make_batch(database, pages=1)
    take(database, task_id="lost")
    assert give_back(database, "lost", delay_s=0.0) == 1
    take(database)


@pytest.fixture
def equal_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches have no larger ones."""
    monkeypatch.setattr("store.turns.SMALL_PAGES", 0)


@pytest.mark.usefixtures("equal_shares")
def test_woken_pages_are_read_next_in_their_order_beside_the_others(database: Database) -> None:
    """Thirty pages come back at once: neither behind all others nor all of them before."""
    one, other = make_batch(database, pages=60), make_batch(database, pages=60)
    late = _postpone_next(database, 60)  # in turns: half of them of each batch
    execute(database, "UPDATE pages SET not_before = NULL WHERE batch_id = :b", b=other.id)
    taken = [take(database, other) for _ in range(30)]  # alone at work meanwhile
    assert len(taken) == 30
    database.clock.advance(61.0)
    assert wake_postponed(database) == 30
    order = [take(database) for _ in range(60)]
    assert 20 <= sum(held.batch_id == one.id for held in order) <= 40, "both batches go on"
    woken = [held.page_id for held in order if held.page_id in late and held.batch_id == one.id]
    assert len(woken) >= 20
    assert woken == sorted(woken)


@pytest.mark.usefixtures("equal_shares")
def test_a_batch_that_was_away_as_a_whole_comes_back_beside_the_others(database: Database) -> None:
    one = make_batch(database, pages=40)
    _postpone_next(database, 40)
    execute(database, "UPDATE pages SET turn = turn + 50000")
    make_batch(database, pages=40)
    database.clock.advance(61.0)
    assert wake_postponed(database) == 40
    assert sum(take(database).batch_id == one.id for _ in range(40)) == 20


def test_so_many_are_woken_at_a_time(database: Database) -> None:
    make_batch(database, pages=5)
    _postpone_next(database, 5)
    database.clock.advance(61.0)
    assert [wake_postponed(database, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert column(database, "SELECT count(*) FROM pages WHERE not_before IS NULL") == [5]


def test_a_woken_page_stands_above_the_floor(database: Database) -> None:
    """A claim begins at the floor; a page that was woken below it would wait for the next look."""
    make_batch(database, pages=3)
    _postpone_next(database, 1)
    moved = "UPDATE pages SET turn = turn + :n WHERE not_before IS NULL"
    execute(database, moved, n=10 * FLOOR_STEP)
    assert note_floors(database) == 1
    database.clock.advance(61.0)
    assert wake_postponed(database) == 1
    assert ready_count(database, _ALL, 10) == 3
    assert [take(database).number for _ in range(3)] in ([1, 2, 3], [2, 1, 3])


def test_a_cancelled_batch_is_not_woken(database: Database) -> None:
    batch = make_batch(database, pages=1)
    _postpone_next(database, 1)
    cancel_batch(database, batch.id)
    database.clock.advance(61.0)
    assert wake_postponed(database) == 0


def test_a_claim_looks_at_no_postponed_page(database: Database) -> None:
    """The index of claims has no entry of them, whatever their number."""
    make_batch(database, pages=200)
    execute(database, "UPDATE pages SET not_before = '2100-01-01 00:00:00.000000Z'")
    plan = "EXPLAIN " if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
    question = (
        "SELECT id FROM pages WHERE batch_id = 1 AND state = 'queued' AND not_before IS NULL"
        " ORDER BY turn, id LIMIT 1"
    )
    with database.read() as conn:
        if database.dialect == "postgresql":
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        shown = " ".join(str(row) for row in conn.execute(text(plan + question)))
    assert "pages_queued" in shown
    assert "sort" not in shown.lower()
    assert "b-tree" not in shown.lower()
