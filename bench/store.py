"""Time of a claim by the length of the queue: python -m bench.store [--claims 300].

One process claims and heartbeats pages of queues of 10,000 and 100,000 pages, in one batch and in
1,000 batches, beside as many finished ones. Rows written a second are measured by bench.rows.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions
from store.claims import claim, heartbeat, ready_count
from store.database import Database
from store.leases import LeaseRules
from store.migrate import upgrade
from store.ready import ClaimScope
from tests.services import running_postgres

Result = TypeVar("Result")

RULES = LeaseRules(
    lease_s=30,
    deadline_s=60,
    deadline_s_per_megapixel=4,
    max_attempts=3,
    max_kills=3,
    max_deadlines=2,
)
SCOPE = ClaimScope(batch_id=None, owner="bench/0", task_id="task")
QUEUES = ((10_000, 1), (100_000, 1), (100_000, 1_000))
HEAD = ["database", "queued pages", "batches", "claim ms", "slowest", "heartbeat ms", "count ms"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=300)
    asked = parser.parse_args()
    rows = []
    for pages, batches in QUEUES:
        for name, url in _databases():
            upgrade(url)
            db = Database.open(url)
            _fill(db, pages, batches)
            figures = _measure(db, asked.claims)
            rows.append([name, f"{pages:,}", f"{batches:,}", *figures])
            db.close()
    print(f"{describe_machine()}; median of {asked.claims} claims\n")
    print(markdown_table(HEAD, rows))


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'ocrq.db'}"
    with _server() as url:
        yield "PostgreSQL", url


@contextmanager
def _server() -> Iterator[str]:
    with running_postgres() as server, server.new_database() as name:
        yield server.url(name)


def _fill(db: Database, pages: int, batches: int) -> None:
    """Half of the batches are finished, and half of the pages are done."""
    now = "'2026-01-01 00:00:00.000000Z'"
    kind = "blob" if db.dialect == "sqlite" else "bytea"
    with db.write() as conn:
        for statement, last in (
            (
                "INSERT INTO batches (name, created_at, options, options_hash, priority, sealed_at)"
                " {numbers} SELECT 'b' || i, {now}, :options, 'h', 5, {now} FROM n",
                2 * batches,
            ),
            (
                "INSERT INTO documents (batch_id, path, path_bytes, size_bytes, mtime_ns,"
                f" page_count, created_at) {{numbers}} SELECT i, 'p', CAST('p' AS {kind}), 1, 1,"
                f" {pages // batches}, {{now}} FROM n",
                2 * batches,
            ),
            (
                "INSERT INTO pages (batch_id, document_id, number, state, turn) {numbers}"
                f" SELECT 1 + i % {2 * batches}, 1 + i % {2 * batches}, i,"
                f" CASE WHEN i % {2 * batches} < {batches} THEN 'queued' ELSE 'done' END,"
                f" i / {2 * batches} FROM n",
                2 * pages,
            ),
        ):
            numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            numbers += f" WHERE i < {last})"
            filled = statement.format(numbers=numbers, now=now)
            bound = {"options": PageOptions().to_json()} if ":options" in filled else {}
            conn.execute(text(filled), bound)
    with db.write() as conn:
        finished = "UPDATE batches SET finished_at = created_at WHERE id > :last"
        conn.execute(text(finished), {"last": batches})
        conn.execute(text("ANALYZE"))


def _measure(db: Database, count: int) -> list[str]:
    claims, beats = [], []
    for _ in range(count):
        elapsed_ms, held = _timed(lambda: claim(db, SCOPE, RULES))
        claims.append(elapsed_ms)
        assert held is not None
        beats.append(_timed(lambda held=held: heartbeat(db, held, RULES))[0])  # type: ignore[misc]
    counts = [_timed(lambda: ready_count(db, SCOPE, 500))[0] for _ in range(20)]
    slow = sorted(claims)[int(len(claims) * 0.99) - 1]
    figures = (statistics.median(claims), slow, statistics.median(beats), statistics.median(counts))
    return [f"{figure:.1f}" for figure in figures]


def _timed(step: Callable[[], Result]) -> tuple[float, Result]:
    started_s = time.perf_counter()
    result = step()
    return 1000 * (time.perf_counter() - started_s), result


if __name__ == "__main__":
    main()
