"""The Ringer turn by turn, on memory:// and on Redis; no worker runs."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, update

from ocrq.config import Settings
from ocrq.types import PageState
from store.claims import claim
from store.database import Database
from store.ready import ClaimScope
from store.ringing import WorkerInfo, elect, note_worker, renew_silent
from store.schema import duties, pages, workers
from store.working import drain_workers, report_workers
from tests.queueing import RULES, make_batch, page_row, take
from tests.services import RedisServer, wait_for
from worker import ringer as module
from worker.app import make_app
from worker.bells import BellChannel, waiting_bells
from worker.fork_safe import MainDatabase
from worker.link import Link, Verdict
from worker.options import WorkerOptions
from worker.ringer import Ringer

MakeRinger = Callable[..., Ringer]


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def verdicts() -> list[Verdict]:
    return []


@pytest.fixture
def make_ringer(
    settings: Settings, sqlite_url: str, link: Link, verdicts: list[Verdict]
) -> MakeRinger:
    BellChannel.queues.clear()  # the memory transport is one for the process

    def make(name: str = "test:1", broker_url: str = "memory://", **options: int) -> Ringer:
        used = dataclasses.replace(
            settings, database_url=sqlite_url, broker_url=broker_url, tick_s=0.01
        )
        worker = WorkerOptions(name=name, concurrency=3, **options)  # type: ignore[arg-type]
        return Ringer(make_app(used), used, worker, link, verdicts.append)

    return make


def _turn(ringer: Ringer, at_s: float = 1000.0) -> int:
    """One turn; returns the bells that wait afterwards."""
    ringer._turn(at_s)
    assert ringer._rope.connection is not None
    return waiting_bells(ringer._rope.connection)


def test_embedded_bells_are_at_most_twice_the_children(
    make_ringer: MakeRinger, sqlite_url: str
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=20)
    ringer = make_ringer()
    assert _turn(ringer) == 6
    assert _turn(ringer) == 6  # none is rung twice


def test_no_pages_no_bells_and_only_those_of_the_batch(
    make_ringer: MakeRinger, sqlite_url: str
) -> None:
    db = Database.open(sqlite_url)
    other = make_batch(db, pages=5)
    mine = make_batch(db, pages=2)
    assert _turn(make_ringer(batch_id=mine.id)) == 2
    BellChannel.queues.clear()
    take(db, mine)
    take(db, mine)
    assert _turn(make_ringer(batch_id=mine.id)) == 0
    assert other.id != mine.id


def test_a_draining_worker_rings_no_more(
    make_ringer: MakeRinger, sqlite_url: str, link: Link
) -> None:
    make_batch(Database.open(sqlite_url), pages=5)
    link.drain()
    ringer = make_ringer()
    ringer._turn(1000.0)
    assert ringer._rope.connection is None or waiting_bells(ringer._rope.connection) == 0


def test_the_dead_are_buried_at_the_next_turn(make_ringer: MakeRinger, sqlite_url: str) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=1)
    take(db, owner="test:1/5", task_id="the task")
    ringer = make_ringer()
    ringer.note_death("the task", "killed")
    ringer.note_death("a task without a page", "deadline")
    ringer._turn(1000.0)
    with db.read() as conn:
        row = conn.execute(pages.select()).one()
    assert (row.state, row.error_code, row.attempts) == (PageState.QUEUED, "killed", 1)


def test_a_turn_that_waited_for_the_database_judges_no_lease(make_ringer: MakeRinger) -> None:
    """Another program held the lock of SQLite for longer than a lease; heartbeats waited, too."""
    ringer = make_ringer()
    with ringer._db.use() as db:
        make_batch(db, pages=1)
        held = take(db)
        waits = iter([2 * RULES.lease_s])

        @event.listens_for(db.engine, "begin")
        def wait(conn: Connection) -> None:
            if not conn.get_execution_options().get("ocrq_read_only"):
                db.clock.advance(next(waits, 0.0))

    ringer._turn(1000.0)
    assert page_row(db, held.page_id)["state"] == "leased"
    db.clock.advance(1.1 * RULES.lease_s)  # nobody has renewed it since
    ringer._turn(1010.0)
    assert page_row(db, held.page_id)["state"] == "queued"


def test_a_page_that_could_not_be_written_is_given_back_uncharged(
    make_ringer: MakeRinger, sqlite_url: str
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=1)
    take(db, owner="test:1/5", task_id="the task")
    ringer = make_ringer()
    ringer.note_death("the task", None)
    ringer._turn(1000.0)
    with db.read() as conn:
        row = conn.execute(pages.select()).one()
    assert (row.state, row.error_code, row.attempts) == (PageState.QUEUED, None, 0)


def test_a_doubled_bell_buries_no_page_of_another_worker(
    make_ringer: MakeRinger, sqlite_url: str
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=1)
    take(db, owner="test:2/5", task_id="doubled")
    ringer = make_ringer()
    ringer.note_death("doubled", "killed")
    ringer.note_death("doubled", None)
    ringer._turn(1000.0)
    with db.read() as conn:
        row = conn.execute(pages.select()).one()
    assert (row.state, row.attempts) == (PageState.LEASED, 1)


def test_the_worker_is_noted(make_ringer: MakeRinger, sqlite_url: str) -> None:
    make_ringer()._turn(1000.0)
    (info,) = report_workers(Database.open(sqlite_url))
    assert (info.owner, info.pid, info.concurrency) == ("test:1", os.getpid(), 3)


def test_a_worker_that_starts_nothing_for_long_leaves(
    make_ringer: MakeRinger, sqlite_url: str, verdicts: list[Verdict], link: Link
) -> None:
    make_batch(Database.open(sqlite_url), pages=5)
    ringer = make_ringer()
    ringer._stalled_s = 0.0
    start = 10 * module.STALLED_S
    ringer._turned_s = start
    link._memory[8:16] = b"\0" * 8
    ringer._turn(start)
    (verdict,) = verdicts
    assert verdict.exit_code == 70
    verdicts.clear()
    ringer._stalled_s = start  # as if it had just begun to wait
    ringer._turned_s = start + module.STALLED_S - 2
    ringer._turn(start + module.STALLED_S - 1)
    assert verdicts == []
    ringer._turned_s = start  # the database was away since
    ringer._turn(start + module.STALLED_S + 5)
    assert verdicts == []


def test_a_worker_without_work_never_leaves(
    make_ringer: MakeRinger, verdicts: list[Verdict]
) -> None:
    ringer = make_ringer()
    for turn in range(1, 5):
        ringer._turn(turn * 10 * module.STALLED_S)
    assert verdicts == []


def test_a_verdict_of_a_child_ends_the_worker(
    make_ringer: MakeRinger, verdicts: list[Verdict], link: Link
) -> None:
    stopped = threading.Event()
    thread = threading.Thread(target=make_ringer().run, args=(stopped,), daemon=True)
    thread.start()
    link.pronounce(Verdict(exit_code=69, message="no weights: é"))
    wait_for("the verdict arrives", lambda: bool(verdicts))
    stopped.set()
    thread.join(10)
    assert verdicts[0].exit_code == 69
    assert "no weights" in verdicts[0].message


@pytest.mark.redis
def test_on_a_shared_broker_one_ringer_rings(
    make_ringer: MakeRinger, sqlite_url: str, redis_server: RedisServer
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=5)
    first = make_ringer("test:1", redis_server.url)
    second = make_ringer("test:2", redis_server.url)
    assert _turn(first) == 5
    second._settings = dataclasses.replace(second._settings, tick_s=1000.0)
    with db.write() as conn:  # the first has the duty for a long time
        conn.execute(update(duties).values(due_at=db.clock.now() + timedelta(seconds=9)))
    second._turn(1000.0)
    redis_server.flush()
    first._turn(1001.0)
    assert waiting_bells(first._rope._app.connection_for_write()) == 0
    with db.write() as conn:
        conn.execute(update(duties).values(due_at=db.clock.now().replace(year=2000)))
    assert _turn(second, 1010.0) == 5  # after FLUSHALL all are rung again


@pytest.mark.redis
def test_ringers_that_ring_at_the_same_moment_ring_two_bells_a_child(
    make_ringer: MakeRinger, sqlite_url: str, redis_server: RedisServer
) -> None:
    """On a busy host the one that was elected before may still be at it."""
    make_batch(Database.open(sqlite_url), pages=20)
    ringers = [make_ringer(f"test:{number}", redis_server.url) for number in range(6)]
    begin = threading.Barrier(len(ringers))

    def ring(ringer: Ringer) -> None:
        begin.wait()
        ringer._rope.ring(6)

    threads = [threading.Thread(target=ring, args=(ringer,)) for ringer in ringers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waiting_bells(ringers[0]._rope._app.connection_for_write()) == 6


@pytest.mark.redis
def test_a_lost_broker_does_not_end_the_ringer(
    make_ringer: MakeRinger, sqlite_url: str, redis_server: RedisServer
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=5)
    ringer = make_ringer("test:1", redis_server.url)
    stopped = threading.Event()
    redis_server.stop()
    thread = threading.Thread(target=ringer.run, args=(stopped,), daemon=True)
    thread.start()
    wait_for("it is elected", lambda: _duty_is_held(db))
    assert thread.is_alive()
    redis_server.start()
    connection = make_app(ringer._settings).connection_for_write()
    wait_for("it rings", lambda: waiting_bells(connection) == 5)
    stopped.set()
    thread.join(20)
    assert not thread.is_alive()


def _duty_is_held(db: Database) -> bool:
    with db.read() as conn:
        return conn.execute(duties.select().where(duties.c.name == "ringer")).first() is not None


def test_one_worker_is_elected_for_each_turn(database: Database) -> None:
    winners: list[str] = []

    def try_it(name: str) -> None:
        if elect(database, "duty", name, 60.0):
            winners.append(name)

    for _ in range(2):
        threads = [threading.Thread(target=try_it, args=(f"w{k}",)) for k in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(winners) == 1


def test_silent_children_keep_their_page_until_its_deadline(database: Database) -> None:
    make_batch(database, pages=3)
    for task_id, owner in (("a", "w:1/7"), ("b", "w:1/8"), ("c", "w:10/7")):
        scope = ClaimScope(batch_id=None, owner=owner, task_id=task_id)
        assert claim(database, scope, RULES) is not None
    now = database.clock.now()
    with database.write() as conn:
        conn.execute(update(pages).values(lease_until=now))
        conn.execute(update(pages).where(pages.c.task_id == "b").values(deadline_at=now))
    assert renew_silent(database, "w:1", RULES, {"a", "b", "c"}) == 1
    assert renew_silent(database, "w:1", RULES, {"a", "b", "c"}) == 0
    with database.read() as conn:
        kept = conn.execute(pages.select().where(pages.c.lease_until > now)).one()
    assert kept.task_id == "a"


def test_no_connection_of_the_main_goes_over_a_fork(sqlite_url: str, tmp_path: Path) -> None:
    main = MainDatabase(sqlite_url)
    with main.use() as before:
        pass
    in_transaction = threading.Event()
    forked = threading.Event()

    def hold() -> None:
        with main.use() as db, db.write():
            in_transaction.set()
            forked.wait(0.3)  # the fork must wait for us

    thread = threading.Thread(target=hold)
    thread.start()
    in_transaction.wait()
    pid = os.fork()
    if pid == 0:
        own = Database.open(sqlite_url)
        with own.write() as conn:
            conn.execute(duties.select())
        os._exit(0)
    forked.set()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    thread.join()
    with main.use() as after:
        assert after is not before


@pytest.mark.redis
def test_bells_on_a_shared_broker_are_at_most_twice_the_children_of_all(
    make_ringer: MakeRinger, sqlite_url: str, redis_server: RedisServer
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=40)
    for name, concurrency in (("test:2", 4), ("lost", 5), ("drained", 6)):
        note_worker(
            db,
            WorkerInfo(
                owner=name, host="h", pid=1, version="1", device="cpu", concurrency=concurrency
            ),
        )
    with db.write() as conn:
        long_ago = db.clock.now() - timedelta(minutes=1)
        conn.execute(update(workers).where(workers.c.owner == "lost").values(seen_at=long_ago))
    drain_workers(db, ["drained"])
    assert _turn(make_ringer("test:1", redis_server.url)) == 2 * (3 + 4)


@pytest.mark.redis
def test_who_is_to_stop_leaves_ringing_to_others(
    make_ringer: MakeRinger, sqlite_url: str, redis_server: RedisServer, link: Link
) -> None:
    make_batch(Database.open(sqlite_url), pages=5)
    link.drain()
    ringer = make_ringer("test:1", redis_server.url)
    ringer._turn(1000.0)
    assert not _duty_is_held(Database.open(sqlite_url))
