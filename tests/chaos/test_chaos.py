"""The short form of `make chaos`: a fixed seed and the faults that are over quickly."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.chaos.plan import Fault
from tests.chaos.site import Site, embedded_site, production_site
from tests.chaos.storm import StormOptions, storm
from tests.engines.mixed import Poison

pytestmark = pytest.mark.worker

#: Poison that costs no deadline.
_QUICK = (Poison.SEGFAULT, Poison.NAN, Poison.MEMORY, Poison.EMPTY)


@pytest.mark.parametrize(
    ("make_site", "faults"),
    [
        (
            embedded_site,
            {
                Fault.KILL_CHILD,
                Fault.KILL_MAIN,
                Fault.KILL_SUPERVISOR,
                Fault.DISK_FULL,
                Fault.SCAN_VANISHES,
            },
        ),
        pytest.param(
            production_site,
            {
                Fault.KILL_CHILD,
                Fault.KILL_MAIN,
                Fault.REDIS_RESTART,
                Fault.POSTGRES_RESTART,
                Fault.POSTGRES_TERMINATE,
                Fault.COMMIT_LOST,
                Fault.COMMIT_UNANSWERED,
                Fault.SCAN_CHANGES,
            },
            marks=[pytest.mark.redis, pytest.mark.postgres],
        ),
    ],
    ids=["sqlite-memory", "postgres-redis"],
)
@pytest.mark.timeout(600)  # the storm has limits of its own, and says what got stuck
def test_a_short_storm_loses_and_doubles_nothing(
    make_site: Callable[[Path], AbstractContextManager[Site]], faults: set[Fault], tmp_path: Path
) -> None:
    options = StormOptions(
        seed=20261120,
        faults=12,
        documents_in_a_batch=8,
        poisoned_in_a_batch=2,
        enough_pages=24,
        poisons=_QUICK,
        only=frozenset(faults),
    )
    with make_site(tmp_path) as site:
        try:
            record = storm(site, tmp_path, options)
        except BaseException:
            print(site.log.read_text(encoding="utf-8", errors="replace")[-20_000:])  # noqa: T201
            raise
    assert record.broken == []
    assert record.verdict["lost"] == record.verdict["doubled"] == record.verdict["stray_rows"] == 0
    assert record.fault_count >= 12
    assert record.batches_of_two_submits > 0
