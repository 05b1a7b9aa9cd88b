"""Reviewing and looking on by the number of characters that were read, on PostgreSQL.

The database grows in steps; at each the questions of `ocrq doubtful`, `ocrq status` and the view of
a batch are asked. All pages are of one batch, which is the worst case. Rows are made inside the
database: 2,000 characters a page in 40 lines, of which about one in twenty is below 0.9 with a page
level that differs as that of real scans does, through the same partitions and indices.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from bench.machine import describe_machine
from bench.processor_time import Meter
from bench.scale_fill import add_batch, databases, settle
from bench.scale_plots import Curve, plot_costs
from bench.tables import markdown_table
from store.batches import Batch
from store.database import Database
from store.doubts import doubtful
from store.partitions import ensure_partitions
from store.progress import batch_progress

LINES, LINE_LENGTH = 40, 50
#: Pages whose characters are made in one statement.
_PAGES_AT_ONCE = 500

_READINGS = """
INSERT INTO readings (page_id, model_id, options, width_px, height_px, dpi, dpi_is_estimated,
  rotation_deg, skew_deg, sharpness, contrast, ink, is_blank, confidence, character_count,
  doubtful_count, timings, created_at)
SELECT id, 1, '{}', 2480, 3508, 300, false, 0, 0.3, 0.5, 0.7, 0.1, false, 0.98,
  :characters, 0, '{"load": 0.01, "read": 0.2}', now() - interval '1 hour'
FROM pages WHERE reading_id IS NULL AND batch_id = :batch ORDER BY id LIMIT :count
RETURNING id"""

_LINES = """
INSERT INTO lines (reading_id, number, region, x0_px, y0_px, x1_px, y1_px, baseline_x0_px,
  baseline_y0_px, baseline_x1_px, baseline_y1_px, text, confidence, engine)
SELECT r, n, 0, 200, 100 + 80 * n, 2200, 150 + 80 * n, 200, 140 + 80 * n, 2200, 140 + 80 * n,
  'the quick brown fox jumps over the lazy dog 012345', 0.97, 'crnn'
FROM generate_series({first}, {last}) r, generate_series(0, {lines} - 1) n"""

# A character is wrong or faint by chance: 1 - u^k falls off as measured confidences do. How many
# doubts a page has differs by a factor of ten (k), as between a clean book and a bad copy.
_CHARACTERS = """
INSERT INTO characters (reading_id, line, position, word, char, confidence,
  x0_px, y0_px, x1_px, y1_px, alternatives)
SELECT r, n, p, CASE WHEN p %% 6 = 5 THEN NULL ELSE p / 6 END,
  CASE WHEN p %% 6 = 5 THEN ' ' ELSE chr(97 + (r + n + p) %% 26) END, confidence,
  200 + 40 * p, 100 + 80 * n, 238 + 40 * p, 150 + 80 * n,
  CASE WHEN confidence < 0.99 THEN '[["o",0.03],["c",0.01]]' END
FROM (
  SELECT r, n, p, CAST(round(CAST(1 - pow(greatest(random(), 0.05), 10 + 20 * (r %% 10))
    * 0.98 AS numeric), 5) AS real) AS confidence
  FROM generate_series({first}, {last}) r, generate_series(0, {lines} - 1) n,
    generate_series(0, {length} - 1) p
) c"""

_DONE = """
UPDATE pages SET state = 'done', attempts = 1, fence = 1, reading_id = r.id,
  done_at = r.created_at, lowest_confidence = c.lowest
FROM readings r JOIN (SELECT reading_id, min(confidence) AS lowest FROM characters
  WHERE reading_id BETWEEN {first} AND {last} GROUP BY reading_id) c ON c.reading_id = r.id
WHERE pages.id = r.page_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A question at some number of characters."""

    step: str
    size: int  # character rows
    quick_ms: float  # one in ten is faster: undisturbed, on a busy machine
    median_ms: float
    slow_ms: float
    cpu_ms: float  # client and server
    database_ms: float  # server alone


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", default="200000,2000000,20000000", help="character rows")
    parser.add_argument("--times", type=int, default=15, help="each question at each size")
    parser.add_argument("--queued", type=int, default=0, help="pages that wait in the same batch")
    parser.add_argument("--plot", type=Path, help="a PNG file")
    parser.add_argument("--json", type=Path, help="all figures")


def run(asked: argparse.Namespace) -> None:
    sizes = [int(size) for size in asked.sizes.split(",")]
    found: list[Figure] = []
    with databases("postgresql", 1) as (db,):
        batch = add_batch(db, "bulk", max(sizes) // (LINES * LINE_LENGTH) + asked.queued)
        with db.write() as conn:
            model = "INSERT INTO models (name, version, weights_sha256, created_at)"
            conn.execute(text(f"{model} VALUES ('crnn', '1', '{'0' * 64}', now())"))
        there = 0
        for size in sizes:
            started_s = time.monotonic()
            while there < size:
                there += _read_pages(db, batch, min(_PAGES_AT_ONCE * 2_000, size - there))
            settle(db)
            print(f"{size:,} rows after {time.monotonic() - started_s:.0f} s", file=sys.stderr)
            found += _measure(db, batch, there, asked.times)
        doubts = _share_of_doubts(db)
    print(f"{describe_machine()}; {asked.times} times each; {doubts:.1%} of rows below 0.9\n")
    print(_table(found))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(figure) for figure in found], indent=1))
    if asked.plot:
        plot_costs(asked.plot, _curves(found), "characters", "milliseconds of processor")


def _read_pages(db: Database, batch: Batch, rows: int) -> int:
    count = max(1, rows // (LINES * LINE_LENGTH))
    with db.write() as conn:
        made = {"batch": batch.id, "count": count, "characters": LINES * LINE_LENGTH}
        ids = list(conn.execute(text(_READINGS), made).scalars())
        shape = {"first": min(ids), "last": max(ids), "lines": LINES, "length": LINE_LENGTH}
        for statement in (_LINES, _CHARACTERS, _DONE):
            conn.exec_driver_sql(statement.format(**shape))
    ensure_partitions(db)
    return count * LINES * LINE_LENGTH


def _measure(db: Database, batch: Batch, size: int, times: int) -> list[Figure]:
    questions: dict[str, Callable[[], object]] = {
        "100 least confident characters": lambda: doubtful(db, batch.id, 100),
        "batch_progress": lambda: batch_progress(db, batch.id),
        "view batch_progress": lambda: _ask(db, "SELECT * FROM batch_progress"),
    }
    figures = []
    for step, question in questions.items():
        question()
        meter = Meter(db)
        meter.measure(question, times)
        figures.append(_figure(meter, step, size))
    meter = Meter(db)
    status = _Status(db.url)
    status()
    meter.measure(status, max(1, times // 3))
    status.close()
    figures.append(_figure(meter, "`ocrq status`, the whole process", size, status.cpu_ms()))
    return figures


class _Status:
    """`ocrq status` as a person runs it."""

    def __init__(self, url: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="ocrq-scale-")
        self._env = {**os.environ, "OCRQ_DATABASE_URL": url, "OCRQ_HOME": self._home.name}
        self._command = [str(Path(sys.executable).with_name("ocrq")), "status"]
        self._spent_s = 0.0
        self._count = 0

    def __call__(self) -> None:
        before = os.times()
        subprocess.run(self._command, env=self._env, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        self._spent_s += after.children_user + after.children_system
        self._spent_s -= before.children_user + before.children_system
        self._count += 1

    def close(self) -> None:
        self._home.cleanup()

    def cpu_ms(self) -> float:
        """Processor time of the command, without the server's."""
        return 1000 * self._spent_s / self._count


def _ask(db: Database, query: str) -> None:
    with db.read() as conn:
        conn.execute(text(query)).all()


def _share_of_doubts(db: Database) -> float:
    with db.read() as conn:
        query = "SELECT avg(CAST(confidence < 0.9 AS int)) FROM characters WHERE reading_id < 200"
        return float(conn.execute(text(query)).scalar_one())


def _figure(meter: Meter, step: str, size: int, cpu_ms: float | None = None) -> Figure:
    return Figure(
        step=step,
        size=size,
        quick_ms=meter.quick_ms,
        median_ms=meter.median_ms,
        slow_ms=meter.slow_ms,
        cpu_ms=meter.cpu_ms if cpu_ms is None else cpu_ms,
        database_ms=meter.database_ms,
    )


def _table(found: Sequence[Figure]) -> str:
    head = ["question", "characters", "10 % below ms", "median", "95 % below"]
    head += ["processor ms", "of it database"]
    rows = []
    for f in sorted(found, key=lambda f: (f.step, f.size)):
        row = [f.step, f"{f.size:,}", f"{f.quick_ms:.1f}", f"{f.median_ms:.1f}", f"{f.slow_ms:.1f}"]
        rows.append([*row, f"{f.cpu_ms:.1f}", f"{f.database_ms:.1f}"])
    return markdown_table(head, rows)


def _curves(found: Sequence[Figure]) -> list[Curve]:
    curves: dict[str, Curve] = {}
    for figure in found:
        curves.setdefault(figure.step, Curve(name=figure.step)).add(figure.size, figure.cpu_ms)
    return list(curves.values())
