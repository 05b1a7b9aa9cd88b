"""The real Redis and PostgreSQL that tests run against: started here, on free loopback ports.

Each server lives in its own process and temporary directory and ends with the test session, even
when the session itself is killed (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

_LOOPBACK = "127.0.0.1"
_START_S = 60.0  # a loaded two-core machine needs 5 s for initdb
_PR_SET_PDEATHSIG = 1

#: For tests, whose data is thrown away: nothing is synced, and autovacuum, which would hold the
#: template while a test clones it, is off. No entry at all: as PostgreSQL is installed.
_FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


def unavailable(reason: str) -> NoReturn:
    """Skip the test on a developer's machine; under CI a missing service is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (required because CI is set)", pytrace=False)
    pytest.skip(f"{reason}; `make test` installs it")


def wait_for(what: str, check: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Poll until `check()` holds; a test never sleeps and hopes.

    Raises:
        AssertionError: it did not hold within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = 0.02
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_s:g} s")
        time.sleep(pause_s)
        # Who waits for seconds asks less often: a query takes as long as a short pause.
        pause_s = min(1.1 * pause_s, 0.06)


def free_port() -> int:
    """A port that nobody listens on just now (the caller copes with losing the race)."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class RedisServer:
    """A redis-server process that a test may stop, freeze and start again on the same port."""

    def __init__(self, program: str) -> None:
        self.port = free_port()
        self.url = f"redis://{_LOOPBACK}:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self._program = program
        self._is_frozen = False

    def start(self) -> None:
        """Start it, empty, and wait until it answers; does nothing while it runs."""
        if self.is_running:
            self.thaw()
            return
        options = {"port": self.port, "bind": _LOOPBACK, "save": "", "appendonly": "no"}
        command = [self._program]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=die_with_parent,
        )
        self._is_frozen = False
        wait_for("redis-server answers", self._answers, _START_S)

    def stop(self) -> None:
        """Kill it: connections are reset, new ones refused, the data is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Stop it from running (SIGSTOP): connections open but nothing is ever answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        self._is_frozen = True

    def thaw(self) -> None:
        """Let it run on after `freeze`."""
        if self._is_frozen and self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self._is_frozen = False

    def flush(self) -> None:
        """FLUSHALL: every bell and queue is forgotten."""
        with self._client() as client:
            client.flushall()

    def command(self, *words: str) -> None:
        """Run one command of Redis, such as CONFIG SET."""
        with self._client() as client:
            client.execute_command(*words)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _client(self) -> Any:
        from redis import Redis

        return Redis(port=self.port, host=_LOOPBACK, socket_timeout=10)

    def _answers(self) -> bool:
        from redis.exceptions import ConnectionError as NotYet

        if not self.is_running:
            raise AssertionError(f"redis-server did not start on port {self.port}")
        try:
            with self._client() as client:
                return bool(client.ping())
        except NotYet:
            return False


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A Redis for the whole session."""
    program = shutil.which("redis-server") or shutil.which("redis-server", path="/usr/sbin")
    if program is None:
        unavailable("redis-server is not installed")
    server = RedisServer(program)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class PostgresServer:
    """A PostgreSQL cluster whose databases are cheap to make: no fsync, cloned from a template.

    Args:
        bin_folder: the programs.
        folder: for the cluster; empty.
        settings: of the server, beside address and number of connections.
    """

    user = "ocrq"
    password = "only for tests"  # loopback is shared by every user of the machine

    def __init__(self, bin_folder: Path, folder: Path, settings: Mapping[str, str] = _FAST) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = settings
        self._bin = bin_folder
        self._folder = folder
        self._count = 0
        # initdb and postgres refuse to run as root.
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = _unprivileged_account()
            os.chown(folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Create the cluster and wait until it accepts connections."""
        pwfile = self._folder / "password"
        pwfile.write_text(self.password, encoding="utf-8")
        command = [str(self._bin / "initdb"), "-D", str(self._folder / "data"), "-U", self.user]
        command += ["-A", "scram-sha-256", "--pwfile", str(pwfile), "-E", "UTF8"]
        command += ["--locale", "C", "--no-sync"]
        made = subprocess.run(command, cwd="/", capture_output=True, **self._as_user)
        if made.returncode:
            raise AssertionError(f"initdb failed:\n{made.stderr.decode()}")
        self.launch()

    def launch(self) -> None:
        """Start the server on its cluster, also again after `kill`, and wait until it answers."""
        log = (self._folder / "server.log").open("ab")
        options = {
            "port": self.port,
            "listen_addresses": _LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "200",
            **self._settings,
        }
        with log:
            self.process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._folder / "data")]
                + [word for k, v in options.items() for word in ("-c", f"{k}={v}")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=die_with_parent,
                **self._as_user,
            )
        wait_for("PostgreSQL accepts connections", self._answers, _START_S)

    def stop(self) -> None:
        """Shut it down without a checkpoint; the data is thrown away anyway."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """End it as a crash does: no checkpoint, connections reset; what was committed is kept."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)

    def url(self, database: str) -> str:
        password = self.password.replace(" ", "%20")
        return f"postgresql+psycopg://{self.user}:{password}@{_LOOPBACK}:{self.port}/{database}"

    @contextmanager
    def new_database(self, template: str = "template0") -> Iterator[str]:
        """A database of its own for one test, by name; dropped afterwards whoever still uses it."""
        self._count += 1
        name = f"test_{self._count}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield name
        finally:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction."""
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> Any:
        import psycopg

        return psycopg.connect(
            host=_LOOPBACK,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _answers(self) -> bool:
        import psycopg

        assert self.process is not None
        if self.process.poll() is not None:
            log = (self._folder / "server.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"PostgreSQL did not start:\n{log}")
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(settings: Mapping[str, str] = _FAST) -> Iterator[PostgresServer]:
    """A PostgreSQL cluster for the whole session, in a temporary directory."""
    bin_folder = postgres_programs()
    if bin_folder is None:
        unavailable("PostgreSQL is not installed")
    # Not pytest's tmp_path: its parents are closed to the account that runs the server.
    with tempfile.TemporaryDirectory(prefix="ocrq-postgres-") as name:
        server = PostgresServer(bin_folder, Path(name), settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def postgres_programs() -> Path | None:
    """The newest installed server; Debian keeps its programs off the PATH."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda p: int(p.parent.name))
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def _unprivileged_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    unavailable("PostgreSQL does not run as root and there is no postgres or nobody account")
