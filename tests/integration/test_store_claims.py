"""The claim, its lease and its fence, on both databases."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from store.cancelling import cancel_batch
from store.claims import (
    ClaimScope,
    claim,
    heartbeat,
    postpone,
    ready_count,
    reap,
    release,
    release_owner,
)
from store.columns import utc_text
from store.database import Database
from tests.queueing import (
    RULES,
    column,
    execute,
    finish,
    make_batch,
    make_document,
    numbers_of,
    page_row,
    rows,
    take,
    try_take,
)

EVERYTHING = ClaimScope(batch_id=None, owner="host/1", task_id=None)


def test_a_claim_brings_all_that_reading_the_page_takes(database: Database) -> None:
    sha256 = "a" * 64
    batch = make_batch(database, make_document(b"sc\xffan.tif", pages=3, sha256=sha256))
    take(database)
    held = take(database, owner="host/7", task_id="task-1")
    assert (held.batch_id, held.document_id) == (batch.id, 1)
    assert (held.number, held.frame, held.path, held.sha256) == (2, 1, b"sc\xffan.tif", sha256)
    assert (held.size_bytes, held.mtime_ns, held.options) == (1000, 1, batch.options)
    assert (held.fence, held.attempt, held.deadline_in_s) == (1, 1, 60.0 + 2 * 4.0)
    row = page_row(database, held.page_id)
    assert (row["state"], row["owner"], row["task_id"]) == ("leased", "host/7", "task-1")
    with database.read() as conn:
        left = held.deadline_at - database.now(conn)
    assert timedelta(seconds=60) < left <= timedelta(seconds=68)


def test_nothing_is_claimed_twice_and_then_nothing_is_left(database: Database) -> None:
    make_batch(database, pages=3)
    assert [take(database).number for _ in range(3)] == [1, 2, 3]
    assert try_take(database) is None


def test_sooner_priorities_go_first(database: Database) -> None:
    low = make_batch(database, pages=2, priority=1)
    high = make_batch(database, pages=2, priority=9)
    taken = numbers_of([take(database) for _ in range(4)])
    assert taken == [(high.id, 1), (high.id, 2), (low.id, 1), (low.id, 2)]


def test_a_small_batch_takes_turns_with_a_huge_one(database: Database) -> None:
    huge = make_batch(database, pages=100)
    begun = [take(database) for _ in range(10)]
    small = make_batch(database, pages=4)
    taken = [take(database) for _ in range(6)]
    assert {c.batch_id for c in begun} == {huge.id}
    assert Counter(c.batch_id for c in taken) == {huge.id: 2, small.id: 4}


def test_a_batch_that_is_not_small_has_its_share_and_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.turns.SMALL_PAGES", 39)
    huge = make_batch(database, pages=100)
    for _ in range(10):
        take(database)
    other = make_batch(database, pages=40)
    taken = Counter(take(database).batch_id for _ in range(42))
    assert taken == {huge.id: 21, other.id: 21}


def test_documents_that_are_appended_wait_behind_their_own_batch(database: Database) -> None:
    batch = make_batch(database, pages=2)
    make_batch(database, make_document("scans/later.png"), name=batch.name)
    assert [take(database).path for _ in range(3)][-1] == b"scans/later.png"


@pytest.mark.parametrize(
    "change",
    [
        "paused_at = '2026-01-01 00:00:00.000000Z'",
        "closes_at = '2026-01-01 00:00:00.000000Z'",
        "opens_at = '2999-01-01 00:00:00.000000Z'",
        "finished_at = '2026-01-01 00:00:00.000000Z'",
    ],
)
def test_a_batch_that_is_not_open_is_passed_by(database: Database, change: str) -> None:
    closed = make_batch(database, pages=2, priority=9)
    other = make_batch(database, pages=1)
    execute(database, f"UPDATE batches SET {change} WHERE id = :id", id=closed.id)
    assert ready_count(database, EVERYTHING, 10) == 1
    assert take(database).batch_id == other.id
    assert try_take(database) is None


def test_a_worker_of_one_batch_takes_no_other(database: Database) -> None:
    make_batch(database, pages=2, priority=9)
    own = make_batch(database, pages=1)
    assert take(database, own).batch_id == own.id
    assert try_take(database, own) is None
    assert ready_count(database, EVERYTHING, 10) == 2


def test_an_unsealed_batch_is_worked_on(database: Database) -> None:
    make_batch(database, pages=1, sealed=False)
    take(database)


def test_a_page_that_is_given_back_is_taken_first(database: Database) -> None:
    make_batch(database, pages=2)
    held = take(database)
    assert release(database, held)
    again = take(database)
    assert (again.page_id, again.fence, again.attempt) == (held.page_id, 2, 1)
    assert release(database, again, refund=False)
    assert take(database).attempt == 2


def test_a_lost_claim_can_change_nothing(database: Database) -> None:
    make_batch(database, pages=1)
    lost = take(database)
    release(database, lost)
    held = take(database)
    before = page_row(database, held.page_id)
    assert not heartbeat(database, lost, RULES)
    assert not release(database, lost)
    assert not postpone(database, lost, "x", "y", 1.0)
    assert not finish(database, lost)
    assert page_row(database, held.page_id) == before
    assert heartbeat(database, held, RULES)


def test_heartbeats_hold_a_page_beyond_its_lease(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    for _ in range(2):
        database.clock.advance(20.0)
        assert heartbeat(database, held, RULES)
    assert reap(database, RULES).queued == 0
    assert finish(database, held)


def test_cancelling_fences_off_and_later_claims_find_nothing(database: Database) -> None:
    batch = make_batch(database, pages=3)
    done, running = take(database), take(database)
    finish(database, done)
    assert cancel_batch(database, batch.id).pages == 2
    assert not heartbeat(database, running, RULES)
    assert not finish(database, running)
    assert try_take(database) is None
    assert column(database, "SELECT state FROM pages ORDER BY number") == [
        *("done", "cancelled", "cancelled")
    ]
    assert column(database, "SELECT kind FROM page_events") == ["cancel"]
    assert cancel_batch(database, batch.id).pages == 0


def test_a_worker_that_stops_gives_back_its_pages_only(database: Database) -> None:
    make_batch(database, pages=3)
    own, second, other = (take(database, owner=o) for o in ("w_1/0", "w_1/1", "wx1/0"))
    assert release_owner(database, "w_1/") == 2
    assert heartbeat(database, other, RULES)
    assert not heartbeat(database, own, RULES)
    assert page_row(database, second.page_id)["attempts"] == 0


def test_ready_pages_are_counted_no_further_than_asked(database: Database) -> None:
    make_batch(database, pages=5)
    make_batch(database, pages=5)
    assert ready_count(database, EVERYTHING, 7) == 7
    assert ready_count(database, EVERYTHING, 100) == 10


def test_workers_at_once_never_share_a_page(database: Database) -> None:
    for priority in (1, 5, 5):
        make_batch(database, pages=20, priority=priority)

    def work(worker: int) -> list[tuple[int, int]]:
        taken = []
        while found := claim(
            database, ClaimScope(batch_id=None, owner=f"host/{worker}", task_id=None), RULES
        ):
            taken.append((found.page_id, found.fence))
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [page for pages in pool.map(work, range(4)) for page in pages]
    assert sorted(taken) == [(page_id, 1) for page_id in range(1, 61)]


@pytest.mark.postgres
def test_a_page_that_another_claim_looks_at_is_skipped(postgres_url: str) -> None:
    db = Database.open(postgres_url)
    make_batch(db, pages=1)
    other = make_batch(db, pages=1)
    with db.write() as conn:
        conn.execute(text("SELECT id FROM pages WHERE batch_id = 1 FOR UPDATE"))
        assert take(db).batch_id == other.id
        assert try_take(db) is None
    assert take(db).batch_id == 1
    db.close()


def test_times_are_kept_in_utc(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    kept = rows(database, "SELECT deadline_at FROM pages")[0]["deadline_at"]
    if database.dialect == "sqlite":
        assert kept == utc_text(held.deadline_at)
    else:
        assert kept == held.deadline_at
