"""What a submitted file and a claim cost by the length of the queue.

Databases of all sizes stand side by side and are measured in turns, so that whatever else the
machine does falls on all of them alike. The bulk of each queue is made inside the database; the
files that are timed go through `store.intake.add_documents`, 500 at a time and synced to disk as
`ocrq submit` has it, the pages through `store.claims.claim`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text, update

from bench.machine import describe_machine
from bench.processor_time import Meter
from bench.scale_fill import add_batch, databases, settle
from bench.scale_plots import Curve, plot_costs
from bench.scale_submit import submit_files
from bench.store import RULES, SCOPE
from bench.tables import markdown_table
from store.batches import Batch, resolve_batch
from store.claims import claim, ready_count
from store.database import Database, Dialect
from store.intake import NewDocument, NewPage, add_documents
from store.pausing import pause_batch
from store.progress import batch_progress
from store.schema import pages
from store.turns import note_floors

_CHUNK = 500  # files that a submit commits together
_NAMES: dict[Dialect, str] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A step beside a queue of some length."""

    database: str
    step: str
    size: int  # queued pages
    quick_ms: float  # one in ten is faster: undisturbed, on a busy machine
    median_ms: float
    slow_ms: float  # 95 of 100 are faster
    cpu_ms: float  # client and server
    database_ms: float  # server alone


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", default="10000,100000,1000000", help="queued pages")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--claims", type=int, default=400, help="of each size")
    parser.add_argument("--files", type=int, default=10_000, help="submitted beside each size")
    parser.add_argument(
        "--real-files", type=int, default=0, help="files submitted by `ocrq submit` as well"
    )
    parser.add_argument("--rounds", type=int, default=10, help="in turns over the sizes")
    parser.add_argument("--paused", type=int, default=500_000, help="pages of a paused batch")
    parser.add_argument(
        "--postponed", type=int, default=99_000, help="pages whose storage was away"
    )
    parser.add_argument(
        "--read", type=int, default=100_000, help="pages read while a snapshot is held open"
    )
    parser.add_argument("--plot", type=Path, help="a PNG file")
    parser.add_argument("--json", type=Path, help="all figures")


def run(asked: argparse.Namespace) -> None:
    sizes = [int(size) for size in asked.sizes.split(",")]
    found: list[Figure] = []
    for dialect in asked.databases.split(","):
        with databases(dialect, len(sizes)) as dbs:
            found += _measure(dict(zip(sizes, dbs, strict=True)), asked)
    print(f"{describe_machine()}; {asked.claims} claims, {asked.files:,} files of each size\n")
    print(_table(found))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(figure) for figure in found], indent=1))
    if asked.plot:
        plot_costs(asked.plot, _curves(found), "pages queued", "milliseconds of processor a page")


def _measure(dbs: dict[int, Database], asked: argparse.Namespace) -> list[Figure]:
    for size, db in dbs.items():
        add_batch(db, "bulk", size)
        settle(db)
    submits = {size: _Submit(db, "bulk") for size, db in dbs.items()}
    # The first of all steps opens connections and fills caches.
    for size, db in dbs.items():
        submits[size].step()
        claim(db, SCOPE, RULES)
        batch_progress(db, 1)
    figures = []
    in_chunk = asked.files // asked.rounds // _CHUNK or 1
    in_round = asked.claims // asked.rounds or 1
    files = {size: Meter(db) for size, db in dbs.items()}
    claims = {size: Meter(db) for size, db in dbs.items()}
    counts = {size: Meter(db) for size, db in dbs.items()}
    looks = {size: Meter(db) for size, db in dbs.items()}
    for _ in range(asked.rounds):
        for size, db in dbs.items():
            files[size].measure(submits[size].step, in_chunk)
            claims[size].measure(partial(_claim, db), in_round)
            counts[size].measure(partial(_count, db), 5)
            looks[size].measure(partial(batch_progress, db, 1))
    for size in dbs:
        figures.append(_figure(files[size], f"{_CHUNK} files submitted", size))
        figures.append(_figure(claims[size], "claim", size))
        figures.append(_figure(counts[size], "count of what is ready", size))
        figures.append(_figure(looks[size], "batch_progress", size))
    if asked.real_files:
        for size, meter in submit_files(dbs, asked.real_files).items():
            figures.append(_figure(meter, "a file by `ocrq submit`", size))
    size = max(dbs)
    db = dbs[size]
    paused = add_batch(db, "paused", asked.paused, priority=9)
    pause_batch(db, paused.id)
    settle(db)
    _claim(db)
    step = f"claim, {asked.paused:,} more are paused"
    figures.append(_metered(db, step, size, _claim, asked.claims))
    if db.dialect == "postgresql":
        beside = f"{asked.read:,} read under a snapshot"
        with _long_reader(db):
            _read_pages(db, asked.read)
            # What a worker does every five seconds.
            figures.append(_metered(db, f"look for the lowest turns, {beside}", size, note_floors))
            figures.append(_metered(db, f"claim, {beside}", size, _claim, asked.claims))
            figures.append(_metered(db, f"count of what is ready, {beside}", size, _count, 20))
    _postpone(db, asked.postponed, asked.claims)
    step = f"claim, {asked.postponed:,} come first but are postponed"
    figures.append(_metered(db, step, size, _claim, asked.claims))
    return figures


class _Submit:
    """One commit after the other of new files of a batch that is there."""

    def __init__(self, db: Database, name: str) -> None:
        self._db = db
        self._batch: Batch = resolve_batch(db, name)
        self._count = 0

    def step(self) -> None:
        first = self._count
        self._count += _CHUNK
        documents = [
            NewDocument(
                path=f"/scans/new/{number}.png".encode(),
                size_bytes=100_000 + number % 1000,
                mtime_ns=number,
                media_type="image/png",
                sha256=f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" * 4,
                pages=(NewPage(number=1, megapixels=8.7),),
            )
            for number in range(first, self._count)
        ]
        added = add_documents(self._db, self._batch, documents)
        assert added.pages == _CHUNK


def _claim(db: Database) -> None:
    assert claim(db, SCOPE, RULES) is not None


def _count(db: Database) -> None:
    ready_count(db, SCOPE, 128)


def _postpone(db: Database, count: int, claims: int) -> None:
    """The next pages wait for a day, all but those that are to be claimed; nobody wakes them."""
    first = "SELECT id FROM pages WHERE state = 'queued' AND batch_id = 1 ORDER BY turn, id LIMIT"
    with db.write() as conn:
        later = db.now(conn) + timedelta(days=1)
        ready = text("SELECT count(*) FROM pages WHERE state = 'queued' AND batch_id = 1")
        most = max(0, int(conn.execute(ready).scalar_one()) - claims)
        chosen = f"id IN ({first} {min(count, most)})"
        conn.execute(update(pages).where(text(chosen)).values(not_before=later))
    settle(db)


@contextmanager
def _long_reader(db: Database) -> Iterator[None]:
    """Somebody's report, dump or forgotten psql: a snapshot that stays open."""
    with db.engine.connect() as conn:
        conn.execution_options(isolation_level="REPEATABLE READ", ocrq_read_only=True)
        conn.execute(text("SELECT count(*) FROM batches"))
        yield
        conn.rollback()


def _read_pages(db: Database, count: int) -> None:
    """The next pages of the queue are claimed and done, as so many workers would in a while."""
    first = "SELECT id FROM pages WHERE state = 'queued' AND batch_id = 1 ORDER BY turn, id LIMIT"
    for at in range(0, count, 1000):
        with db.write() as conn:
            some = min(1000, count - at)
            ids = list(conn.execute(text(f"{first} {some}")).scalars())
            for state in ("leased", "done"):
                conn.execute(
                    text(f"UPDATE pages SET state = '{state}' WHERE id = ANY(:ids)"), {"ids": ids}
                )


def _metered(
    db: Database, name: str, size: int, step: Callable[[Database], object], times: int = 1
) -> Figure:
    meter = Meter(db)
    meter.measure(lambda: step(db), times)
    return _figure(meter, name, size)


def _figure(meter: Meter, step: str, size: int) -> Figure:
    return Figure(
        database=_NAMES[meter.db.dialect],
        step=step,
        size=size,
        quick_ms=meter.quick_ms,
        median_ms=meter.median_ms,
        slow_ms=meter.slow_ms,
        cpu_ms=meter.cpu_ms,
        database_ms=meter.database_ms,
    )


def _table(found: Sequence[Figure]) -> str:
    head = [
        "step",
        "database",
        "pages queued",
        "10 % below ms",
        "median",
        "95 % below",
        "processor ms",
    ]
    head += ["of it database", "to the smallest"]
    smallest = {(f.database, f.step): f for f in reversed(found)}
    rows = []
    for f in sorted(found, key=lambda f: (f.database, f.step, f.size)):
        base = smallest.get((f.database, f.step.partition(",")[0]), f)
        row = [
            f.step,
            f.database,
            f"{f.size:,}",
            f"{f.quick_ms:.2f}",
            f"{f.median_ms:.2f}",
            f"{f.slow_ms:.2f}",
        ]
        row += [f"{f.cpu_ms:.2f}", f"{f.database_ms:.2f}", f"{f.cpu_ms / base.cpu_ms:.2f}"]
        rows.append(row)
    return markdown_table(head, rows)


def _curves(found: Sequence[Figure]) -> list[Curve]:
    curves: dict[str, Curve] = {}
    for figure in found:
        if not figure.step.endswith(("submitted", "claim")):
            continue
        per_page = figure.cpu_ms / (_CHUNK if "files" in figure.step else 1)
        step = "submit" if "files" in figure.step else figure.step
        name = f"{step}, {figure.database}"
        curves.setdefault(name, Curve(name=name)).add(figure.size, per_page)
    return list(curves.values())
