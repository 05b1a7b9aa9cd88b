"""The claim, its lease and its fence, on both databases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from store.batches import finish_batches
from store.cancelling import cancel_batch
from store.claims import (
    Claim,
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
from store.duplicates import revive_orphaned_duplicates
from store.intake import add_documents
from store.postponing import wake_postponed
from store.turns import note_floors
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

#: Tables of one row or none may be read whole.
_WHOLE_TABLE = re.compile(
    r"Seq Scan on (pages|documents|batches|readings) |SCAN (?!anon|alembic_version|holds)\w+$"
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


def test_no_step_of_the_queue_reads_a_whole_table(database: Database) -> None:
    held = _fill_with_finished_work(database)
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "INSERT")):
            statements.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    assert ready_count(database, EVERYTHING, 100) == 2
    take(database, task_id="task")
    assert heartbeat(database, held, RULES)
    database.clock.advance(31.0)
    reap(database, RULES)
    current = take(database, task_id="task")
    finish(database, current)
    finish_batches(database)
    revive_orphaned_duplicates(database)
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(statements) > 10
    for statement, values in statements:
        for step in _plan(database, statement, values):
            whole = _WHOLE_TABLE.search(step)
            assert whole is None, f"{step}\n{statement}"


def test_what_is_planned_while_the_queue_is_empty_reads_no_whole_table_later(
    postgres_url: str,
) -> None:
    """A connection keeps the plans of its first minutes until somebody has counted the tables."""
    db = Database.open(postgres_url)
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    assert try_take(db) is None
    assert ready_count(db, EVERYTHING, 100) == 0
    reap(db, RULES)
    wake_postponed(db)
    finish_batches(db)
    revive_orphaned_duplicates(db)
    note_floors(db)
    event.remove(db.engine, "before_cursor_execute", note)
    read = [s for s in statements if re.search("FROM (pages|documents|batches)", s[0])]
    assert len(read) > 6
    for statement, values in read:
        for step in _plan(db, statement, values):
            assert not re.search(r"Seq Scan on (pages|documents) ", step), f"{step}\n{statement}"
    db.close()


def test_no_claim_sorts_the_pages_of_its_batch(database: Database) -> None:
    """As planners would who have counted a queue of one large batch."""
    make_batch(database, pages=3000)
    execute(database, "ANALYZE")
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT pages.id", "WITH heads")):
            statements.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    take(database)
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(statements) == 1
    plan = "\n".join(_plan(database, *statements[0]))
    assert "pages_queued" in plan
    # Batches are sorted: in a statement of its own on SQLite, within the one on PostgreSQL.
    of_batches = len(re.findall("Sort Key: batches.priority", plan))
    assert len(re.findall("Sort Key|temp b-tree", plan, re.IGNORECASE)) == of_batches


def _fill_with_finished_work(database: Database) -> Claim:
    """5,000 pages that are done in 500 finished batches, and three to do; one is claimed."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    now = "'2026-01-01 00:00:00.000000Z'"
    insert = [
        "batches (name, created_at, options, options_hash, priority, sealed_at, finished_at)"
        f" {numbers.format(500)} SELECT 'old ' || i, {now}, '{{}}', 'h', 5, {now}, {now} FROM n",
        "documents (batch_id, path, path_bytes, size_bytes, mtime_ns, page_count, created_at)"
        f" {numbers.format(500)} SELECT i, 'p', CAST('p' AS {_bytes(database)}), 1, 1, 10, {now}"
        " FROM n",
        "pages (batch_id, document_id, number, state, turn)"
        f" {numbers.format(5000)} SELECT 1 + i % 500, 1 + i % 500, i, 'done', i FROM n",
    ]
    for rest in insert:
        execute(database, f"INSERT INTO {rest}")
    make_batch(database, pages=3)
    held = take(database)
    execute(database, "ANALYZE")
    return held


def _bytes(database: Database) -> str:
    return "blob" if database.dialect == "sqlite" else "bytea"


def _plan(database: Database, statement: str, values: Any) -> list[str]:
    how = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
    with database.write() as conn:
        found = conn.exec_driver_sql(f"{how} {statement}", values)
        return [str(row[-1]) for row in found]


def test_a_claim_begins_at_the_turn_that_was_noted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.turns.FLOOR_STEP", 3)
    monkeypatch.setattr("store.turns.SMALL_PAGES", 0)
    batch = make_batch(database, pages=9)
    early = [take(database) for _ in range(4)]
    assert note_floors(database) == 1
    assert note_floors(database) == 0
    assert numbers_of([take(database)]) == [(batch.id, 5)]
    # given back below the floor: its turn is seen again at the next look
    release(database, early[1])
    assert numbers_of([take(database)]) == [(batch.id, 6)]
    assert note_floors(database) == 1
    assert numbers_of([take(database)]) == [(batch.id, 2)]
    assert numbers_of([take(database) for _ in range(3)]) == [(batch.id, n) for n in (7, 8, 9)]
    assert try_take(database) is None
    # what enters an empty batch has a low turn, and is seen at once
    note_floors(database)
    add_documents(database, batch, [make_document("more.tif", pages=1)])
    assert take(database).path == b"more.tif"


@pytest.mark.postgres
def test_plans_made_for_an_empty_queue_serve_when_it_is_long(postgres_url: str) -> None:
    """PostgreSQL keeps the plan of a statement that a connection has asked some times."""
    old, other = Database.open(postgres_url), Database.open(postgres_url)
    for _ in range(20):
        assert ready_count(old, EVERYTHING, 100) == 0
        assert try_take(old) is None
    make_batch(other, pages=30)
    for _ in range(25):
        take(old)
    make_batch(other, pages=5000)
    for step in (lambda: ready_count(old, EVERYTHING, 100), lambda: take(old)):
        assert _pages_touched(old, step) < 300
    old.close()
    other.close()


def _pages_touched(db: Database, step: Callable[[], object]) -> int:
    """Rows of `pages` that a step read, in the table or by an index."""
    counted: list[int] = []

    @event.listens_for(db.engine, "commit")
    def count(conn: Connection) -> None:
        seen = (
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'pages'"
        )
        driver: Any = conn.connection.driver_connection
        counted.append(driver.execute(seen).fetchone()[0])

    step()
    event.remove(db.engine, "commit", count)
    return sum(counted)
