"""Real workers as subprocesses, and what SQL must say when they are done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image
from sqlalchemy import func, select

from ocrq.config import Settings, load_settings
from ocrq.types import PageOptions, PageState
from store.database import Database
from store.progress import batch_progress
from store.result_tables import characters, lines, readings
from store.schema import pages
from tests.drawing import make_page
from tests.engines.gated import gate
from tests.services import die_with_parent, wait_for
from worker.intake import SubmitOptions, SubmitSummary, submit

ROOT = Path(__file__).parents[2]

OCRQ = (sys.executable, "-P", "-m", "cli.main")

#: Short times, so that what is lost is found again while a test waits.
QUICK = {
    "OCRQ_LEASE_S": "5",
    "OCRQ_HEARTBEAT_S": "0.5",
    "OCRQ_TICK_S": "0.2",
    "OCRQ_DRAIN_S": "10",
    "OCRQ_LOG_LEVEL": "info",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A database and a broker, as the environment of processes that use them."""

    env: dict[str, str]
    database: Database

    @property
    def settings(self) -> Settings:
        return load_settings(self.env, cwd=Path("/"))

    def ocrq(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start an `ocrq` command in a process of its own."""
        return subprocess.Popen(
            [*OCRQ, *(os.fspath(word) for word in arguments)],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            cwd="/",
            # a test suite that a shell started in the background has Ctrl-C ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def open_gate(self) -> None:
        """Let pages be read that wait in tests.engines.gated."""
        found = gate(self.env["OCRQ_HOME"])
        found.parent.mkdir(exist_ok=True)
        found.touch()

    def submit(self, folder: Path, engine: str = "fake", **options: object) -> SubmitSummary:
        factory = engine if ":" in engine else f"{engine}:make_engine"
        page = PageOptions(engine=f"tests.engines.{factory}", orient=False)
        return submit(
            self.database,
            self.settings,
            [folder],
            SubmitOptions(page=page, **options),  # type: ignore[arg-type]
        )


def engine_name(engine: str) -> str:
    """The full name of an engine of tests/engines; engines that ship keep theirs."""
    return engine if engine in ("crnn", "resnet", "auto") else f"tests.engines.{engine}:make_engine"


class WorkerProcess:
    """`ocrq worker` as a process: a supervisor with its Celery main and page children."""

    def __init__(self, stack: Stack, log: Path, concurrency: int = 2, engine: str = "fake") -> None:
        self._log = log
        command = [*OCRQ, "worker", f"--concurrency={concurrency}", "--device=cpu"]
        command += [f"--engine={engine_name(engine)}"]
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                command,
                env=stack.env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
                preexec_fn=die_with_parent,
            )

    def main(self) -> psutil.Process | None:
        """The Celery main, when there is one just now."""
        try:
            found = psutil.Process(self.process.pid).children()
        except psutil.NoSuchProcess:
            return None
        alive = [p for p in found if p.status() != psutil.STATUS_ZOMBIE]
        return alive[0] if alive else None

    def children(self) -> list[psutil.Process]:
        """The page children that live just now."""
        try:
            main = self.main()
            found = main.children() if main else []
            return [p for p in found if p.status() != psutil.STATUS_ZOMBIE]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> int:
        """Stop it in order; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """SIGKILL the supervisor alone; the kernel does the rest."""
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def draw_scans(folder: Path, count: int, *, wide: Sequence[int] = (), name: str = "scan") -> Path:
    """Small pages, all different; those numbered in `wide` are wider than high."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        size_in = (4.0, 2.0) if number in wide else (2.0, 2.5)
        page = make_page(f"{name} {number}\nsecond line", size_in=size_in, margin_in=0.2)
        Image.fromarray(page).save(folder / f"{name}{number:03d}.png", dpi=(150, 150))
    return folder


def states(db: Database, batch_id: int) -> dict[str, int]:
    """Pages of a batch by state."""
    with db.read() as conn:
        found = conn.execute(
            select(pages.c.state, func.count().label("number"))
            .where(pages.c.batch_id == batch_id)
            .group_by(pages.c.state)
        )
        return {row.state: row.number for row in found}


def done(db: Database, batch_id: int) -> int:
    return states(db, batch_id).get(PageState.DONE, 0)


def wait_until_finished(db: Database, batch_id: int, timeout_s: float = 90.0) -> None:
    wait_for(
        f"batch {batch_id} is finished",
        lambda: batch_progress(db, batch_id).unfinished == 0,
        timeout_s,
    )


def assert_read_exactly_once(db: Database, batch_id: int) -> None:
    """Every done page has one reading, and that one row for each character of its lines."""
    with db.read() as conn:
        per_page = conn.execute(
            select(pages.c.id, pages.c.state, pages.c.reading_id, func.count(readings.c.id))
            .join_from(pages, readings, readings.c.page_id == pages.c.id, isouter=True)
            .where(pages.c.batch_id == batch_id)
            .group_by(pages.c.id, pages.c.state, pages.c.reading_id)
        ).all()
        for page_id, state, reading_id, count in per_page:
            is_done = state == PageState.DONE
            assert count == (1 if is_done else 0), f"page {page_id} ({state}): {count} readings"
            assert (reading_id is not None) == is_done
        reading_ids = [row.reading_id for row in per_page if row.reading_id]
        wanted = conn.execute(
            select(lines.c.reading_id, lines.c.number, func.length(lines.c.text)).where(
                lines.c.reading_id.in_(reading_ids), func.length(lines.c.text) > 0
            )
        ).all()
        found = conn.execute(
            select(characters.c.reading_id, characters.c.line, func.count())
            .where(characters.c.reading_id.in_(reading_ids))
            .group_by(characters.c.reading_id, characters.c.line)
        ).all()
        assert sorted(map(tuple, wanted)) == sorted(map(tuple, found))
        assert {row[0] for row in found} == set(reading_ids), "a page without characters"
        stray = conn.execute(
            select(func.count())
            .select_from(characters)
            .where(characters.c.reading_id.not_in(select(readings.c.id)))
        ).scalar_one()
        assert stray == 0


def worker_environment(database_url: str, broker_url: str, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        **QUICK,
        "PYTHONPATH": str(ROOT),
        "OCRQ_HOME": str(home),
        "OCRQ_DATABASE_URL": database_url,
        "OCRQ_BROKER_URL": broker_url,
    }
