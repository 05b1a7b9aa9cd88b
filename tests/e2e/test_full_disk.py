"""`ocrq run` on a disk that fills up: it says so, ends in time, and goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.database import Database
from store.migrate import create_sqlite
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    done,
    draw_scans,
    states,
    worker_environment,
)
from tests.services import wait_for

pytestmark = pytest.mark.worker


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "ocrq-test", os.fspath(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", os.fspath(folder)], check=True)


def test_a_run_on_a_full_disk_ends_and_goes_on(small_disk: Path, tmp_path: Path) -> None:
    create_sqlite(small_disk / "ocrq.db")
    url = f"sqlite:///{small_disk / 'ocrq.db'}"
    database = Database.open(url)
    env = worker_environment(url, "memory://", tmp_path / "home")
    stack = Stack(
        env=env | {"OCRQ_PATIENCE_S": "6", "OCRQ_LOG_LEVEL": "warning"}, database=database
    )
    scans = draw_scans(tmp_path / "scans", 12)
    words = ("run", scans, "--engine=tests.engines.slow:make_engine", "--batch=b", "-c2")
    run = stack.ocrq(*words, "--device=cpu")

    def some_are_read() -> bool:
        with database.read() as conn:
            exists = conn.exec_driver_sql("SELECT count(*) FROM pages WHERE state = 'done'")
            return bool(exists.scalar())

    wait_for("a page is read", some_are_read, 90)
    batch = resolve_batch(database, "b")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(1024))
    _, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.STORE, err
    assert "no space is left on the disk of the database" in err
    assert "--batch b" in err, "it says how to go on"
    assert len(err.splitlines()) < 20, "each cause is said once, not at every try"
    assert done(database, batch.id) < 12
    filler.unlink()
    run = stack.ocrq(*words, "--device=cpu")
    _, err = run.communicate(timeout=180)
    assert run.returncode == ExitCode.DONE, err
    assert states(database, batch.id) == {"done": 12}
    assert_read_exactly_once(database, batch.id)
    database.close()
