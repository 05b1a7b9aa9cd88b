"""Many workers at one queue: pages a second, what the database pays for them, bells that wait.

Light workers with a sleeping engine stand for real ones: each has a Ringer of its own (the real
one, with its elections, chores and bells on a real Redis) and a child that hears bells, claims,
sleeps as long as a page takes to be read, and writes a prepared result. They are threads of a few
processes, so that 64 fit beside a database on two cores; each child and each Ringer has its own
connection.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bench.machine import describe_machine
from bench.processor_time import cpu_s
from bench.scale_fill import SERVER, add_batch, settle, use_log
from bench.scale_lean import make_lean
from bench.store import RULES
from bench.tables import markdown_table
from ocrq.config import Settings
from ocrq.types import PageResult
from store.claims import claim
from store.database import Database
from store.migrate import upgrade
from store.partitions import ensure_partitions
from store.ready import ClaimScope
from store.results import complete
from tests.readings import ENGINE, make_result
from tests.services import running_postgres, running_redis, wait_for
from worker.app import make_app
from worker.bells import QUEUE_NAME
from worker.link import Link
from worker.options import WorkerOptions
from worker.ringer import Ringer

LINE_LENGTH = 50
_SAMPLE_S = 0.02
#: Of 16 MB: more than the measured time fills.
_LOG_FILES = 100


@dataclass(slots=True)
class Bells:
    """Bells that wait on the broker, looked at all the time."""

    most: int = 0
    total: int = 0
    looks: int = 0

    def look(self, broker: Any, stopped: threading.Event) -> None:
        while not stopped.wait(_SAMPLE_S):
            waiting = int(broker.llen(QUEUE_NAME))
            self.most = max(self.most, waiting)
            self.total += waiting
            self.looks += 1


@dataclass(slots=True, kw_only=True)
class Window:
    """When the workers count what they do; shared by all processes."""

    children: Any  # that have heard a bell
    pages: Any  # read since it began
    begun: Event
    ended: Event

    @property
    def is_open(self) -> bool:
        return self.begun.is_set() and not self.ended.is_set()


@dataclass(slots=True)
class Tally:
    """What the workers of one process did within the measured time."""

    pages: int = 0
    bells: int = 0
    vain_bells: int = 0  # heard, but there was no page to claim
    claim_s: list[float] = field(default_factory=list)
    complete_s: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--processes", type=int, default=4, help="that share the workers")
    parser.add_argument("--queued", type=int, default=100_000, help="pages at the start")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured")
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds from all at work on")
    parser.add_argument("--read", type=float, default=0.5, help="seconds that reading a page takes")
    parser.add_argument("--characters", type=int, default=2_000, help="on a page")
    parser.add_argument(
        "--lean",
        action="store_true",
        help="results are made ready once: the cores are left to the database",
    )
    parser.add_argument("--json", type=Path, help="all figures")


def run(asked: argparse.Namespace) -> None:
    with running_postgres(SERVER) as server, running_redis() as redis:
        server.execute("CREATE DATABASE scale")
        url = server.url("scale")
        upgrade(url)
        db = Database.open(url)
        add_batch(db, "bulk", asked.queued)
        ensure_partitions(db)
        settle(db)
        db.close()
        use_log(server, _LOG_FILES)
        assert server.process is not None
        found = _measure(url, redis.url, Redis(port=redis.port), server.process.pid, asked)
    print(
        f"{describe_machine()}; {asked.workers} workers of one child in {asked.processes}"
        f" processes, {asked.queued:,} pages queued, {asked.read:g} s to read one of"
        f" {asked.characters:,} characters, {asked.seconds:g} s\n"
    )
    print(markdown_table(["what", "figure"], [[name, f"{v:,.1f}"] for name, v in found.items()]))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


def _measure(
    url: str, broker_url: str, broker: Any, postmaster: int, asked: argparse.Namespace
) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    window = Window(
        children=context.Value("i", 0),
        pages=context.Value("i", 0),
        begun=context.Event(),
        ended=context.Event(),
    )
    results = context.Queue()
    shares = [
        asked.workers // asked.processes + (n < asked.workers % asked.processes)
        for n in range(asked.processes)
    ]
    processes = [
        context.Process(
            target=_work,
            args=(
                number,
                share,
                url,
                broker_url,
                asked.read,
                asked.characters,
                asked.lean,
                window,
                results,
            ),
            daemon=True,
        )
        for number, share in enumerate(shares)
    ]
    for process in processes:
        process.start()
    wait_for("all children are at work", lambda: window.children.value == asked.workers, 300)
    time.sleep(asked.warm_up)
    bells, stopped = Bells(), threading.Event()
    watcher = threading.Thread(target=bells.look, args=(broker, stopped))
    server_s, started_s = _server_cpu_s(postmaster), time.monotonic()
    watcher.start()
    window.begun.set()
    time.sleep(asked.seconds)
    wait_for("a page is read", lambda: window.pages.value > 0)
    window.ended.set()
    elapsed_s, server_s = time.monotonic() - started_s, _server_cpu_s(postmaster) - server_s
    stopped.set()
    watcher.join()
    tallies = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(60)
    pages = sum(tally["pages"] for tally in tallies)
    claims = sorted(s for tally in tallies for s in tally["claim_s"])
    writes = sorted(s for tally in tallies for s in tally["complete_s"])
    return {
        "pages a second": pages / elapsed_s,
        "processor ms of the database a page": 1000 * server_s / pages,
        "pages a second that one core of the database carries": pages / server_s,
        "share of one core that the database used, %": 100 * server_s / elapsed_s,
        "processor ms of the workers a page": 1000 * sum(t["cpu_s"] for t in tallies) / pages,
        "claim, median ms": 1000 * claims[len(claims) // 2],
        "write, median ms": 1000 * writes[len(writes) // 2],
        "bells heard a page": sum(tally["bells"] for tally in tallies) / pages,
        "bells heard in vain": sum(tally["vain_bells"] for tally in tallies),
        "bells waiting, mean": bells.total / max(1, bells.looks),
        "bells waiting, most": bells.most,
        "bound of bells (children x 2)": 2 * asked.workers,
    }


def _work(
    number: int,
    workers: int,
    url: str,
    broker_url: str,
    read_s: float,
    characters: int,
    is_lean: bool,
    window: Window,
    results: Any,
) -> None:
    """A process of light workers."""
    if is_lean:
        make_lean()
    settings = dataclasses.replace(Settings(), database_url=url, broker_url=broker_url)
    page, tally = _page(characters), Tally()
    stopped = threading.Event()
    threads = []
    for worker in range(workers):
        name = f"scale:{number}-{worker}"
        options = WorkerOptions(name=name, concurrency=1)
        ringer = Ringer(make_app(settings), settings, options, Link(), _never)
        child = (name, url, broker_url, read_s, page, tally, window, stopped)
        threads.append(threading.Thread(target=ringer.run, args=(stopped,)))
        threads.append(threading.Thread(target=_child, args=child))
    for thread in threads:
        thread.start()
    window.begun.wait()
    started_s = time.process_time()
    window.ended.wait()
    spent_s = time.process_time() - started_s
    stopped.set()
    with tally.lock:
        found = {name: getattr(tally, name) for name in ("pages", "bells", "vain_bells")}
        found |= {"claim_s": tally.claim_s, "complete_s": tally.complete_s, "cpu_s": spent_s}
    results.put(found)
    for thread in threads:
        thread.join(60)


def _child(
    name: str,
    url: str,
    broker_url: str,
    read_s: float,
    page: PageResult,
    tally: Tally,
    window: Window,
    stopped: threading.Event,
) -> None:
    db = Database.open(url)
    broker = Redis.from_url(broker_url)
    scope = ClaimScope(batch_id=None, owner=f"{name}/1", task_id=name)
    is_first = True
    while not stopped.is_set():
        try:
            bell: Any = broker.blpop([QUEUE_NAME], timeout=1)
        except RedisError:  # the server is stopped before us
            break
        if bell is None:
            continue
        claim_s, held = _timed(lambda: claim(db, scope, RULES))
        if held is not None:
            time.sleep(read_s)
            complete_s, is_written = _timed(lambda held=held: complete(db, held, page, ENGINE))
            assert is_written
        if is_first:
            is_first = False
            _count(window.children)
        if not window.is_open:
            continue
        with tally.lock:
            tally.bells += 1
            if held is None:
                tally.vain_bells += 1
            else:
                tally.pages += 1
                _count(window.pages)
                tally.claim_s.append(claim_s)
                tally.complete_s.append(complete_s)
    db.close()


def _count(counter: Any) -> None:
    with counter.get_lock():
        counter.value += 1


def _page(characters: int) -> PageResult:
    """One character in ten is doubtful and has alternatives, as on a fair scan."""
    line = "the quick brown fox jumps over the lazy dog 0123456"[:LINE_LENGTH]
    lines = max(1, characters // LINE_LENGTH)
    doubts = {(n, p): 0.8 for n in range(lines) for p in range(0, LINE_LENGTH, 10)}
    return make_result("\n".join([line] * lines), doubts=doubts)


def _timed(step: Any) -> tuple[float, Any]:
    started_s = time.perf_counter()
    result = step()
    return time.perf_counter() - started_s, result


def _never(verdict: Any) -> None:
    raise AssertionError(f"a worker would leave: {verdict}")


def _server_cpu_s(postmaster: int) -> float:
    """Of the server's processes: connections, writers of the log and of the data files."""
    return cpu_s(_children(postmaster))


def _children(pid: int) -> Sequence[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
