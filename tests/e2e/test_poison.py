"""Pages that kill, block or fill their process, or come out as NaN: they alone are set aside."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import func, not_, or_, select

from store.result_tables import characters
from store.schema import documents, page_events, pages
from tests.e2e.conftest import StartWorker
from tests.e2e.harness import Stack, assert_read_exactly_once, draw_scans, wait_until_finished

pytestmark = pytest.mark.worker

#: Engine -> state, error_code and attempts of the one page that it stumbles over.
VERDICTS = {
    "crash": ("quarantined", "killed", 2),
    "abort": ("quarantined", "killed", 2),
    "hang": ("quarantined", "deadline", 2),
    "oom": ("quarantined", "memory", 2),
    "raises": ("failed", "error", 2),
    "nan": ("failed", "error", 2),  # no character can have such a confidence
}
LIMITS = {
    "OCRQ_MAX_ATTEMPTS": "2",
    "OCRQ_MAX_KILLS": "2",
    "OCRQ_MAX_DEADLINES": "2",
    "OCRQ_DEADLINE_S": "15",  # twice for one page; a good one needs far less on a busy machine
    "OCRQ_MEMORY_MB": "150",
    "OCRQ_LEASE_S": "60",  # here leases end by deaths that are noticed, not by running out
}


def test_poison_pages_are_set_aside_and_only_they(
    stack: Stack, start_worker: StartWorker, tmp_path: Path
) -> None:
    stack = dataclasses.replace(stack, env=stack.env | LIMITS)
    db = stack.database
    batches = {}
    for engine in VERDICTS:
        scans = draw_scans(tmp_path / engine, 4, wide=[1], name=engine)
        batches[engine] = stack.submit(scans, f"{engine}:make_picky").batch_id
    start_worker(stack, concurrency=3)
    for engine, batch_id in batches.items():
        assert batch_id is not None
        wait_until_finished(db, batch_id, 120)
        assert_read_exactly_once(db, batch_id)
        with db.read() as conn:
            found = conn.execute(
                select(documents.c.path, pages.c.id, pages.c.state, pages.c.error_code)
                .add_columns(pages.c.attempts, pages.c.error)
                .join_from(pages, documents, documents.c.id == pages.c.document_id)
                .where(pages.c.batch_id == batch_id, pages.c.state != "done")
            ).one()
            events = conn.execute(
                select(page_events.c.kind).where(page_events.c.page_id == found.id)
            ).scalars()
            assert set(events) <= {"kill", "deadline", "memory", "retry"}
        assert found.path.endswith(f"{engine}001.png")
        assert (found.state, found.error_code, found.attempts) == VERDICTS[engine]
        assert found.error
    with db.read() as conn:
        confidence = characters.c.confidence  # NaN is above every number, or NULL in SQLite
        odd = or_(confidence.is_(None), not_(confidence.between(0.0, 1.0)))
        wrong = conn.execute(select(func.count()).select_from(characters).where(odd))
        assert wrong.scalar_one() == 0
