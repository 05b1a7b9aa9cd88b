"""Hosts that can be cut off: network namespaces where they can be made, else their own lines."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests.chaos.clock_file import ClockFile
from tests.chaos.proxy import Proxy
from tests.e2e.harness import ROOT
from tests.services import die_with_parent


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where a worker runs: its name, its clock, its way to the database and how to cut that."""

    name: str
    prefix: tuple[str, ...]  # what a command line starts with to run there
    database_url: str
    clock: ClockFile
    cut_off: Callable[[], None]
    reconnect: Callable[[], None]

    def start_worker(
        self, env: Mapping[str, str], engine: str, concurrency: int, log: Path
    ) -> subprocess.Popen[bytes]:
        command = [*self.prefix, sys.executable, "-P", "-m", "cli.main", "worker"]
        command += [f"--concurrency={concurrency}", "--device=cpu"]
        command += [f"--engine=tests.engines.{engine}:make_engine"]
        own = {"OCRQ_DATABASE_URL": self.database_url, **self.clock.environment(str(ROOT))}
        with log.open("ab") as file:
            return subprocess.Popen(
                command,
                env={**env, **own},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
                preexec_fn=die_with_parent,
            )


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def can_make_namespaces() -> bool:
    """Whether this machine lets us make network namespaces (root, and `ip` is there)."""
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("unshare") is None:
        return False
    name = f"ocrq-probe-{os.getpid()}"
    try:
        _run("ip", "netns", "add", name)
    except subprocess.CalledProcessError:
        return False
    _run("ip", "netns", "del", name)
    return True


@contextlib.contextmanager
def namespace_host(
    name: str, number: int, direct_url: str, folder: Path, clock_s: float
) -> Iterator[Host]:
    """A host in a network namespace, joined to this one by a cable that can be pulled.

    Args:
        name: its host name.
        number: 0..63, different for each host.
        direct_url: of the database, on the loopback of this machine.
        folder: for its clock.
        clock_s: what its wall clock is wrong by.
    """
    namespace = f"ocrq-{os.getpid()}-{number}"
    ours, theirs = f"oq{os.getpid() % 100000}a{number}", f"oq{os.getpid() % 100000}b{number}"
    net = f"10.213.{os.getpid() % 250}.{4 * number}"
    base, _, last = net.rpartition(".")
    our_ip, their_ip = f"{base}.{int(last) + 1}", f"{base}.{int(last) + 2}"
    _run("ip", "netns", "add", namespace)
    try:
        _run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", namespace)
        _run("ip", "addr", "add", f"{our_ip}/30", "dev", ours)
        _run("ip", "link", "set", ours, "up")
        inside = ("ip", "netns", "exec", namespace)
        _run(*inside, "ip", "addr", "add", f"{their_ip}/30", "dev", theirs)
        _run(*inside, "ip", "link", "set", theirs, "up")
        _run(*inside, "ip", "link", "set", "lo", "up")
        named = ("unshare", "--uts", "sh", "-c", f'hostname {name}; exec "$@"', "sh")
        with _line(direct_url, our_ip) as (_, url):
            yield Host(
                name=name,
                prefix=(*inside, *named),
                database_url=url,
                clock=_clock(folder / name, clock_s),
                cut_off=lambda: _run("ip", "link", "set", ours, "down"),
                reconnect=lambda: _run("ip", "link", "set", ours, "up"),
            )
    finally:
        _run("ip", "netns", "del", namespace)


@contextlib.contextmanager
def proxied_host(name: str, direct_url: str, folder: Path, clock_s: float) -> Iterator[Host]:
    """A process group with its own line to the database, which can be frozen; see above."""
    with _line(direct_url, "127.0.0.1") as (proxy, url):
        yield Host(
            name=name,
            prefix=(),
            database_url=url,
            clock=_clock(folder / name, clock_s),
            cut_off=proxy.freeze,
            reconnect=proxy.thaw,
        )


@contextlib.contextmanager
def _line(direct_url: str, host: str) -> Iterator[tuple[Proxy, str]]:
    parsed = make_url(direct_url)
    assert parsed.port is not None
    with Proxy(parsed.port, host) as proxy:
        url = parsed.set(host=host, port=proxy.port)
        yield proxy, url.render_as_string(hide_password=False)


def _clock(path: Path, wrong_by_s: float) -> ClockFile:
    clock = ClockFile(path)
    clock.set(host_s=wrong_by_s)
    return clock
