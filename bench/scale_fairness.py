"""How long a small batch takes beside a huge one, by the clock on the wall, with the real engine.

One worker reads from PostgreSQL and Redis as in production. A small batch is submitted while the
huge one is paused, and again while it is read, in turns, so that whatever else the machine does
falls on both alike. All pages are the same scan: what differs is only who is served in between.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select, update

from bench.machine import describe_machine
from bench.scale_fill import SERVER, add_batch, settle
from bench.tables import markdown_table
from ocrq.config import Settings, load_settings
from ocrq.types import PageOptions
from store.batches import Batch
from store.database import Database
from store.migrate import upgrade
from store.pausing import pause_batch, resume_batch
from store.schema import batches, documents, pages
from tests.services import die_with_parent, running_postgres, running_redis, wait_for
from worker.enqueue import ring
from worker.intake import SubmitOptions, submit

#: Longest wait for a batch: a slow machine is no error, a worker that does nothing is.
_PATIENCE_S = 3_600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, help="an image of one page")
    parser.add_argument("--engine", default=PageOptions().engine)
    parser.add_argument("--pages", type=int, default=10, help="of the small batch")
    parser.add_argument("--queued", type=int, default=100_000, help="pages of the huge batch")
    parser.add_argument("--concurrency", type=int, default=2, help="pages that are read at a time")
    parser.add_argument("--rounds", type=int, default=5)


def run(asked: argparse.Namespace) -> None:
    alone, beside = [], []
    with (
        tempfile.TemporaryDirectory(prefix="ocrq-scale-") as name,
        running_postgres(SERVER) as server,
        running_redis() as redis,
    ):
        folder = Path(name)
        server.execute("CREATE DATABASE scale")
        settings = load_settings(
            {
                "OCRQ_HOME": str(folder / "home"),
                "OCRQ_DATABASE_URL": server.url("scale"),
                "OCRQ_BROKER_URL": redis.url,
            },
            cwd=folder,
        )
        upgrade(settings.sql_url)
        db = Database.open(settings.sql_url)
        scans = _copies(asked.scan, folder / "scans", asked.pages)
        huge = _huge(db, scans, asked)
        pause_batch(db, huge.id)
        with _worker(settings, asked):
            _seconds(db, settings, scans, asked)  # the engine is loaded, the caches are filled
            for _ in range(asked.rounds):
                alone.append(_seconds(db, settings, scans, asked))
                resume_batch(db, huge.id)
                wait_for(
                    "the huge batch is read",
                    lambda: _count(db, huge.id, "leased") == asked.concurrency,
                    _PATIENCE_S,
                )
                beside.append(_seconds(db, settings, scans, asked))
                pause_batch(db, huge.id)
                wait_for("it rests", lambda: _count(db, huge.id, "leased") == 0, _PATIENCE_S)
        db.close()
    print(
        f"{describe_machine()}; {asked.engine}, {asked.scan.name}, {asked.pages} pages,"
        f" {asked.concurrency} at a time, {asked.rounds} rounds\n"
    )
    print(_table(alone, beside, asked))


def _table(alone: list[float], beside: list[float], asked: argparse.Namespace) -> str:
    times = [b / a for a, b in zip(alone, beside, strict=True)]
    rows = []
    for what, found, digits in (
        ("alone, s", alone, 1),
        (f"beside {asked.queued:,} pages, s", beside, 1),
        ("times as long", times, 2),
    ):
        figures = (statistics.median(found), min(found), max(found))
        rows.append([what, *(f"{figure:.{digits}f}" for figure in figures)])
    return markdown_table(["", "median", "least", "most"], rows)


def _copies(scan: Path, folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    found = [folder / f"{number:03d}{scan.suffix}" for number in range(count)]
    for path in found:
        shutil.copyfile(scan, path)
    return found


def _huge(db: Database, scans: list[Path], asked: argparse.Namespace) -> Batch:
    """A batch whose documents are all the same file."""
    made = add_batch(db, "huge", asked.queued)
    path, found = os.fspath(scans[0]), scans[0].stat()
    with db.write() as conn:
        conn.execute(
            update(documents)
            .where(documents.c.batch_id == made.id)
            .values(
                path=path,
                path_bytes=os.fsencode(path),
                size_bytes=found.st_size,
                mtime_ns=found.st_mtime_ns,
            )
        )
        options = PageOptions(engine=asked.engine).to_json()
        conn.execute(update(batches).where(batches.c.id == made.id).values(options=options))
    settle(db)
    return made


@contextmanager
def _worker(settings: Settings, asked: argparse.Namespace) -> Iterator[None]:
    command = [sys.executable, "-P", "-m", "cli.main", "worker", "--device=cpu"]
    command += [f"--concurrency={asked.concurrency}", f"--engine={asked.engine}"]
    env = {
        "OCRQ_HOME": str(settings.home),
        "OCRQ_DATABASE_URL": settings.database_url,
        "OCRQ_BROKER_URL": settings.broker_url,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    process = subprocess.Popen(command, env=os.environ | env, preexec_fn=die_with_parent)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _seconds(
    db: Database, settings: Settings, scans: list[Path], asked: argparse.Namespace
) -> float:
    """Submit a small batch; how long it takes from then on until its last page is read."""
    page = PageOptions(engine=asked.engine)
    options = SubmitOptions(page=page, on_duplicate="again")
    batch_id = submit(db, settings, scans, options).batch_id
    assert batch_id is not None
    started_s = time.monotonic()
    ring(settings, asked.pages, asked.concurrency)
    wait_for("it is read", lambda: _count(db, batch_id, "done") == asked.pages, _PATIENCE_S)
    return time.monotonic() - started_s


def _count(db: Database, batch_id: int, state: str) -> int:
    with db.read() as conn:
        found = select(func.count()).where(pages.c.batch_id == batch_id, pages.c.state == state)
        return int(conn.execute(found).scalar_one())
