"""The tables of the record, and that a seed always gives the same faults."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path
from typing import Any

from tests.chaos.plan import Fault, plan
from tests.chaos.report import report, write_record


def test_the_same_seed_gives_the_same_faults_and_each_kind_comes_first_once() -> None:
    first, second = (list(islice(plan(random.Random(7), has_servers=True), 60)) for _ in range(2))
    assert first == second
    assert {step.fault for step in first[: len(Fault)]} == set(Fault)


def test_runs_are_summed_up(tmp_path: Path) -> None:
    verdict = {
        "pages": 90,
        "corrections": 4,
        "lost": 0,
        "doubled": 0,
        "stray_rows": 0,
        "broken": [],
    }
    run: dict[str, Any] = {
        "backend": "sqlite-memory",
        "engine": "mixed",
        "lease_s": 4.0,
        "faults": {"disk full": 2, "SIGKILL page child": 3},
        "poison_pages": {"loop": 1},
        "resume_s": {"disk full": [0.5, 1.5], "SIGKILL page child": [1.0, 2.0, 9.0]},
        "verdict": verdict,
    }
    for seed in (1, 2):
        (tmp_path / f"{seed}.json").write_text(json.dumps({**run, "seed": seed}))
    (tmp_path / "sqlite-memory-mixed-3.ended-early").write_text("work did not go on")
    lines = report(tmp_path).splitlines()
    assert lines[2] == (
        "| sqlite-memory | mixed | 1 | 5 | 1 | 90 | 4 | 0 | 0 | 0 | 0 | 1.5 | 9.0 | 4 of 5 |"
    )
    assert "| **all** |  |  | 10 | 2 | 180 | 8 | 0 | 0 | 0 | 0 | 1.5 | 9.0 | 8 of 10 |" in lines
    assert "| SIGKILL page child | 6 | 2.0 | 9.0 | 4 of 6 |" in lines
    assert "| poison page: loop | 2 |  |  |  |" in lines
    assert "Not in the tables: sqlite-memory-mixed-3 ended early: work did not go on" in lines
    document = tmp_path / "reliability.md"
    document.write_text("a\n<!-- record -->\nold\n<!-- end of the record -->\nb\n")
    write_record([tmp_path], document)
    write_record([tmp_path], document)
    found = document.read_text()
    assert found.startswith("a\n<!-- record -->\n")
    assert found.endswith("<!-- end of the record -->\nb\n")
    assert "old" not in found
    assert found.count("| **all** |") == 1
    assert "**sqlite-memory**" not in found
    other = tmp_path / "other"
    other.mkdir()
    (other / "1.json").write_text(json.dumps({**run, "seed": 1, "backend": "postgres-redis"}))
    lines = report(tmp_path, other).splitlines()
    sums = [line.split(" | ")[:7] for line in lines if line.startswith("| **")]
    assert [(name.strip("| *"), faults, pages) for name, _, _, faults, _, pages, _ in sums] == [
        ("sqlite-memory", "10", "180"),
        ("postgres-redis", "5", "90"),
        ("all", "15", "270"),
    ]
