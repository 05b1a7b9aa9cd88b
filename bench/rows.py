"""Character rows a second that a page child writes: python -m bench.rows [--pages 200].

Claim and complete of synthetic pages of 2,000 characters, one process, without recognition.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions, PageResult
from store.batches import open_batch, seal_batch
from store.claims import claim
from store.database import Database
from store.intake import NewDocument, NewPage, add_documents
from store.leases import LeaseRules
from store.migrate import upgrade
from store.ready import ClaimScope
from store.results import complete
from tests.readings import ENGINE, make_result
from tests.services import running_postgres

LINES, LINE_LENGTH = 40, 50
RULES = LeaseRules(
    lease_s=30,
    deadline_s=60,
    deadline_s_per_megapixel=4,
    max_attempts=3,
    max_kills=3,
    max_deadlines=2,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    asked = parser.parse_args()
    page = _page()
    rows = []
    for name, url in _databases():
        upgrade(url)
        database = Database.open(url)
        _submit(database, asked.pages)
        elapsed_s, slowest_s = _write(database, page)
        database.close()
        characters = asked.pages * LINES * LINE_LENGTH
        rates = [f"{characters / elapsed_s:,.0f}", f"{asked.pages / elapsed_s:,.0f}"]
        rows.append([name, *rates, f"{slowest_s * 1000:.0f}"])
    print(f"{describe_machine()}; {asked.pages} pages of {LINES * LINE_LENGTH:,} characters\n")
    head = ["database", "characters a second", "pages a second", "slowest page ms"]
    print(markdown_table(head, rows))


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'ocrq.db'}"
    with _postgres() as url:
        yield "PostgreSQL (no fsync)", url


@contextmanager
def _postgres() -> Iterator[str]:
    with running_postgres() as server, server.new_database() as name:
        yield server.url(name)


def _page() -> PageResult:
    line = "the quick brown fox jumps over the lazy dog 0123456"[:LINE_LENGTH]
    # One character in ten is doubtful and carries alternatives, as on a fair scan.
    doubts = {(n, p): 0.8 for n in range(LINES) for p in range(0, LINE_LENGTH, 10)}
    return make_result("\n".join([line] * LINES), doubts=doubts)


def _submit(database: Database, count: int) -> None:
    options = PageOptions()
    batch = open_batch(database, name="bench", options=options, options_hash="bench")
    documents = [
        NewDocument(
            path=f"/scans/{number}.png".encode(),
            size_bytes=1,
            mtime_ns=number,
            media_type="image/png",
            sha256=f"{number:064d}",
            pages=(NewPage(number=1, megapixels=8.0),),
        )
        for number in range(count)
    ]
    add_documents(database, batch, documents)
    seal_batch(database, batch.id)


def _write(database: Database, page: PageResult) -> tuple[float, float]:
    scope = ClaimScope(batch_id=None, owner="bench", task_id=None)
    slowest_s = 0.0
    started_s = time.perf_counter()
    while claimed := claim(database, scope, RULES):
        page_started_s = time.perf_counter()
        assert complete(database, claimed, page, ENGINE)
        slowest_s = max(slowest_s, time.perf_counter() - page_started_s)
    return time.perf_counter() - started_s, slowest_s


if __name__ == "__main__":
    main()
