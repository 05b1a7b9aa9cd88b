"""From when on the time until work goes on is counted."""

from __future__ import annotations

import random
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from store.database import Database
from tests.chaos.holders import Held, Watch
from tests.chaos.injector import Injector
from tests.chaos.plan import Fault, Step
from tests.chaos.scans import Press


def _injector(watch: Watch, folder: Path, states: list[str]) -> Injector:
    """Of a site with one worker whose children are in these states."""
    children = [SimpleNamespace(status=lambda state=state: state) for state in states]
    worker = SimpleNamespace(children=lambda: children)
    site: Any = SimpleNamespace(workers=[worker], disk=SimpleNamespace(is_small=True))
    injector = Injector(site, watch, Press(folder, random.Random(1), []), random.Random(2))
    injector._acts[Fault.KILL_MAIN] = lambda step: True
    return injector


@pytest.mark.parametrize(
    ("states", "is_counted_anew"),
    [([], True), ([psutil.STATUS_STOPPED], True), ([psutil.STATUS_RUNNING], False)],
)
def test_a_fault_that_leaves_no_reader_counts_those_before_it_anew(
    database: Database, tmp_path: Path, states: list[str], is_counted_anew: bool
) -> None:
    watch = Watch(database)
    watch.note(Fault.KILL_CHILD, [Held(1, 1, 99, "worker", b"scan", 1)])
    struck_s = time.monotonic()
    injector = _injector(watch, tmp_path, states)
    assert injector.strike(Step(fault=Fault.KILL_MAIN, pause_s=0.0, amount=0.0))
    (waiting,) = watch._waiting
    assert waiting.fault is Fault.KILL_CHILD
    assert (waiting.since_s >= struck_s) == is_counted_anew
