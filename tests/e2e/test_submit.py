"""A directory of good and bad files, submitted by one process and read by another."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from store.result_tables import characters, lines, readings
from store.schema import documents, pages
from tests.bad_files import write_bad_files
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    draw_scans,
    states,
    wait_until_finished,
)
from tests.services import RedisServer

pytestmark = pytest.mark.worker

FAKE = "--engine=tests.engines.fake:make_engine"


def _submit(stack: Stack, folder: Path, *more: str) -> dict[str, Any]:
    process = stack.ocrq("submit", folder, FAKE, "--json", *more)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out) | {"stderr": err}
    return found


def test_good_pages_are_rows_and_bad_files_are_reasons(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    folder = draw_scans(tmp_path / "scans", 5)
    (folder / "below").mkdir()
    draw_scans(folder / "below", 2, name="deep")
    (folder / "copy.png").write_bytes((folder / "scan000.png").read_bytes())
    (folder / "bad").mkdir()
    bad = write_bad_files(folder / "bad")
    submitted = _submit(stack, folder)
    batch_id = submitted["id"]
    left_out = {os.path.basename(entry["path"]) for entry in submitted["left_out"]}  # noqa: PTH119
    assert left_out == {"notes.txt"}
    assert submitted["files"] + submitted["left_out_count"] == 5 + 2 + 1 + len(bad)

    worker = start_worker(stack)
    wait_until_finished(stack.database, batch_id)
    assert worker.stop() == 0

    expected = {os.fsdecode(f.path): f.code for f in bad if not f.path.endswith(b"notes.txt")}
    assert states(stack.database, batch_id) == {"done": 7, "failed": len(expected)}
    assert_read_exactly_once(stack.database, batch_id)
    with stack.database.read() as conn:
        failed = conn.execute(
            select(documents.c.path_bytes, pages.c.number, pages.c.error_code, pages.c.error)
            .join_from(pages, documents, documents.c.id == pages.c.document_id)
            .where(pages.c.batch_id == batch_id, pages.c.state == "failed")
        ).all()
        assert {os.fsdecode(row.path_bytes): row.error_code for row in failed} == expected
        assert all(row.number == 1 and row.error for row in failed)
        copies = conn.execute(
            select(func.count()).select_from(documents).where(documents.c.duplicate_of.is_not(None))
        ).scalar_one()
        assert copies == 1
        text, confidence = conn.execute(
            select(lines.c.text, func.min(characters.c.confidence))
            .join_from(lines, readings, readings.c.id == lines.c.reading_id)
            .join(
                characters,
                (characters.c.reading_id == lines.c.reading_id)
                & (characters.c.line == lines.c.number),
            )
            .where(lines.c.number == 0)
            .group_by(lines.c.reading_id, lines.c.text)
            .limit(1)
        ).one()
    assert text.startswith("abcd")  # what the fake engine reads on every line
    assert confidence == pytest.approx(0.625)


@pytest.mark.redis
@pytest.mark.postgres
@pytest.mark.parametrize("trouble", ["closed", "frozen"])
def test_submit_succeeds_without_the_broker(
    production: Stack,
    redis_server: RedisServer,
    start_worker: StartWorker,
    tmp_path: Path,
    trouble: str,
) -> None:
    folder = draw_scans(tmp_path / "scans", 3)
    if trouble == "closed":
        redis_server.stop()
    else:
        redis_server.freeze()
    submitted = _submit(production, folder)
    assert "broker" in submitted["stderr"]
    assert submitted["new_pages"] == 3
    redis_server.start()
    start_worker(production)
    wait_until_finished(production.database, submitted["id"])
    assert states(production.database, submitted["id"]) == {"done": 3}
