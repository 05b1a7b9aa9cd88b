from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.closed_pipes import lasting_stream
from ocrq.errors import ExitCode
from store.database import Database
from store.progress import list_batches

OCRQ = [sys.executable, "-m", "cli.main"]
ENGINE = "tests.engines.fake:make_engine"


def _without_reader() -> int:
    read_end, write_end = os.pipe()
    os.close(read_end)
    return write_end


@pytest.mark.parametrize("path", ["", "/dev/full"])
def test_what_nobody_takes_stops_nothing(path: str) -> None:
    if path and not Path(path).exists():
        pytest.skip(f"there is no {path}")
    descriptor = os.open(path, os.O_WRONLY) if path else _without_reader()
    stream = lasting_stream(descriptor)
    print("pages: 1 of 2", file=stream, flush=True)
    stream.write("ÿ" * 100_000)
    stream.close()
    os.close(descriptor)


def test_a_line_arrives_at_once() -> None:
    read_end, write_end = os.pipe()
    stream = lasting_stream(write_end)
    stream.write("a line, \udcff\n")
    os.set_blocking(read_end, False)
    assert os.read(read_end, 100) == b"a line, \\udcff\n"
    os.close(read_end)
    os.close(write_end)


@pytest.mark.parametrize("closed", [(1, 2), (2,), (1,)])
def test_a_run_without_readers_is_a_run(closed: tuple[int, ...], scans: Path, db: Database) -> None:
    """Its pages are read, and its exit code says that one could not be."""

    def leave() -> None:
        for descriptor in closed:
            os.dup2(_without_reader(), descriptor)

    done = subprocess.run(
        [*OCRQ, "run", os.fspath(scans), "--engine", ENGINE, "--concurrency", "1"],
        env={**os.environ, "OCRQ_DATABASE_URL": db.url},
        capture_output=True,
        preexec_fn=leave,
        check=False,
    )
    assert done.returncode == ExitCode.SOME_PAGES_FAILED, done.stderr
    (batch,) = list_batches(db, 1)
    assert (batch.done, batch.failed) == (1, 1)
