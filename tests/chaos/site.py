"""What chaos is brought upon: real servers, a small disk, workers that are started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import make_url

from store import migrate
from store.database import Database
from tests.chaos.clock_file import ClockFile
from tests.chaos.proxy import Proxy
from tests.e2e.harness import ROOT, Stack, WorkerProcess, worker_environment
from tests.services import PostgresServer, RedisServer, running_postgres, running_redis

#: Short times; a page of chaos takes a quarter of a second.
LEASE_S = 4.0
CHAOS_SETTINGS = {
    "OCRQ_LEASE_S": str(LEASE_S),
    "OCRQ_HEARTBEAT_S": "0.5",
    "OCRQ_TICK_S": "0.2",
    "OCRQ_DRAIN_S": "3",
    # A good page may be struck by chance more than once; a poisoned one needs no more than this.
    "OCRQ_MAX_KILLS": "6",
    "OCRQ_MAX_ATTEMPTS": "6",
    "OCRQ_MAX_DEADLINES": "3",
    "OCRQ_DEADLINE_S": "8",
    "OCRQ_MEMORY_MB": "150",
    "OCRQ_LOG_LEVEL": "info",
}
_DISK_MB = 256


@dataclass(kw_only=True)
class Disk:
    """A small file system of our own, where the machine lets us make one."""

    folder: Path
    is_small: bool

    def fill(self) -> None:
        """Take all that is left of it."""
        assert self.is_small
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            block = bytes(1 << 16)
            with contextlib.suppress(OSError):
                while True:
                    file.write(block)

    def relieve(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


@dataclass(kw_only=True)
class Site:
    """One ocrq with all that belongs to it."""

    name: str
    stack: Stack  # its environment leads through the proxy, its database does not
    clock: ClockFile
    disk: Disk
    log: Path
    redis: RedisServer | None = None
    postgres: PostgresServer | None = None
    proxy: Proxy | None = None
    concurrency: int = 2
    engine: str = "mixed"
    workers: list[WorkerProcess] = field(default_factory=list)
    restarts: int = 0

    @property
    def db(self) -> Database:
        return self.stack.database

    def start_worker(self) -> WorkerProcess:
        worker = WorkerProcess(self.stack, self.log, self.concurrency, self.engine)
        # Segmentation faults are ordered here by the dozen.
        resource.prlimit(worker.process.pid, resource.RLIMIT_CORE, (0, 0))
        self.workers.append(worker)
        return worker

    def replace_dead_workers(self) -> None:
        """Start again what has ended, as systemd would."""
        for worker in list(self.workers):
            if worker.process.poll() is not None:
                self.workers.remove(worker)
                self.restarts += 1
                self.start_worker()

    def stop_workers(self) -> list[int]:
        """Stop all in order; their exit statuses."""
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.terminate()
        return [worker.process.wait(timeout=60) for worker in self.workers]


def processes_of(worker: WorkerProcess) -> list[psutil.Process]:
    """The supervisor, its main and the page children that live just now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        supervisor = psutil.Process(worker.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]
    return []


@contextlib.contextmanager
def embedded_site(folder: Path) -> Iterator[Site]:
    """SQLite and memory://."""
    with _small_disk() as disk:
        url = f"sqlite:///{disk.folder / 'ocrq.db'}"
        migrate.upgrade(url)
        with _site("sqlite-memory", url, url, "memory://", folder, disk) as site:
            yield site


@contextlib.contextmanager
def production_site(folder: Path) -> Iterator[Site]:
    """PostgreSQL behind a proxy, its tables on a small disk, and Redis."""
    with (
        _small_disk() as disk,
        running_redis() as redis,
        running_postgres() as postgres,
        postgres.new_database() as name,
        Proxy(postgres.port) as proxy,
    ):
        direct = postgres.url(name)
        if disk.is_small:
            _move_to_disk(postgres, name, disk.folder)
        migrate.upgrade(direct)
        proxied = make_url(direct).set(port=proxy.port).render_as_string(hide_password=False)
        with _site("postgres-redis", direct, proxied, redis.url, folder, disk) as site:
            site.redis, site.postgres, site.proxy = redis, postgres, proxy
            yield site


@contextlib.contextmanager
def _site(
    name: str, direct_url: str, worker_url: str, broker_url: str, folder: Path, disk: Disk
) -> Iterator[Site]:
    clock = ClockFile(folder / "clock")
    clock.set()
    env = worker_environment(worker_url, broker_url, folder / "home") | CHAOS_SETTINGS
    env |= clock.environment(str(ROOT))
    database = Database.open(direct_url)
    site = Site(
        name=name,
        stack=Stack(env=env, database=database),
        clock=clock,
        disk=disk,
        log=folder / "worker.log",
    )
    try:
        yield site
    finally:
        for worker in site.workers:
            if worker.process.poll() is None:
                worker.kill()
        database.close()


@contextlib.contextmanager
def _small_disk() -> Iterator[Disk]:
    # Not below pytest's tmp_path: its parents are closed to the account of the database server.
    with tempfile.TemporaryDirectory(prefix="ocrq-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m,mode=755", "ocrq-chaos", name]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
            yield Disk(folder=folder, is_small=False)
            return
        try:
            yield Disk(folder=folder, is_small=True)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def _move_to_disk(postgres: PostgresServer, database: str, disk: Path) -> None:
    place = Path(tempfile.mkdtemp(dir=disk))
    with contextlib.suppress(KeyError):
        account = pwd.getpwnam("postgres")
        os.chown(place, account.pw_uid, account.pw_gid)
    postgres.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
    postgres.execute(f'ALTER DATABASE "{database}" SET TABLESPACE small')
