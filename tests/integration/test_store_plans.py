"""What the steps of the queue look at: indices, never whole tables, however long the queue is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from store.batches import finish_batches
from store.claims import (
    Claim,
    ClaimScope,
    heartbeat,
    ready_count,
    reap,
    release,
)
from store.database import Database
from store.duplicates import revive_orphaned_duplicates
from store.intake import add_documents
from store.postponing import wake_postponed
from store.turns import note_floors
from tests.queueing import (
    RULES,
    execute,
    finish,
    make_batch,
    make_document,
    numbers_of,
    take,
    try_take,
)

#: Tables of one row or none may be read whole.
_WHOLE_TABLE = re.compile(
    r"Seq Scan on (pages|documents|batches|readings) |SCAN (?!anon|alembic_version|holds)\w+$"
)

EVERYTHING = ClaimScope(batch_id=None, owner="host/1", task_id=None)


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
