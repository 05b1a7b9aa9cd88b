"""A page child in this process, without Celery, and the scan that waits for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrq.config import Settings
from ocrq.types import PageOptions
from tests.bad_files import image_bytes
from worker.child import PageChild
from worker.intake import SubmitOptions, submit
from worker.link import Link
from worker.options import WorkerOptions

_ENGINE = "tests.engines.fake:make_engine"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scans" / "scan.png"
    path.parent.mkdir()
    path.write_bytes(image_bytes("PNG"))
    return path


@pytest.fixture
def child(
    settings: Settings, sqlite_url: str, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PageChild]:
    # Limits on the memory of the test process itself would outlive the test.
    monkeypatch.setattr("worker.child.limit_growth", lambda megabytes: None)
    settings = dataclasses.replace(settings, database_url=sqlite_url, max_attempts=2, max_kills=2)
    options = WorkerOptions(name="test:1", concurrency=1, engine=_ENGINE)
    child = PageChild(settings, options, Link())
    db = child.database()
    submit(db, settings, [scan], SubmitOptions(page=PageOptions(engine=_ENGINE)))
    yield child
    db.close()
