"""Recorded runs as tables: `python -m tests.chaos.report FOLDER...` prints those of folders.

With `--into docs/reliability.md` they take the place of the record there.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.machine import describe_machine

_BEGIN = "<!-- record -->"
_END = "<!-- end of the record -->"


def report(*folders: Path) -> str:
    """Two tables in Markdown: one line for each run, and one for each kind of fault.

    Runs that ended early are named after them.

    Args:
        folders: each with a JSON file for each run (tests/chaos/__main__.py).
    """
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in _files(folders, "*.json")]
    early = _files(folders, "*.ended-early")
    named = "".join(f"\nNot in the tables: {p.stem} ended early: {p.read_text()}\n" for p in early)
    return f"{_runs(runs)}\n{_kinds(runs)}{named}"


def _files(folders: Iterable[Path], pattern: str) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob(pattern))]


def write_record(folders: Sequence[Path], document: Path) -> None:
    """Put the tables of all runs in some folders between the marks of a document.

    Raises:
        ValueError: the document has no such marks.
    """
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{document} has no {_BEGIN} with {_END} after it")
    head = (
        f'{describe_machine()}; `make chaos ARGS="--seed SEED --faults FAULTS --backend BACKEND"`,'
        " where FAULTS counts the poison pages too."
    )
    document.write_text(
        f"{before}{begin}\n{head}\n\n{report(*folders)}{end}{after}", encoding="utf-8"
    )


def _runs(runs: Sequence[dict[str, Any]]) -> str:
    lines = []
    backends = list(dict.fromkeys(run["backend"] for run in runs))
    totals = {name: [0] * 8 for name in ("all", *backends)}
    for run in runs:
        verdict, resumed = run["verdict"], [s for taken in run["resume_s"].values() for s in taken]
        numbers = [
            *(sum(run["faults"].values()), sum(run["poison_pages"].values()), verdict["pages"]),
            *(verdict["corrections"], verdict["lost"], verdict["doubled"]),
            *(verdict["stray_rows"], len(verdict["broken"])),
        ]
        for name in ("all", run["backend"]):
            totals[name] = [a + b for a, b in zip(totals[name], numbers, strict=True)]
        lines.append([run["backend"], run["engine"], run["seed"], *numbers, *_times(resumed, run)])
    for name in [*(backends if len(backends) > 1 else []), *(["all"] if runs else [])]:
        chosen = [run for run in runs if name in ("all", run["backend"])]
        times = [s for run in chosen for taken in run["resume_s"].values() for s in taken]
        lines.append([f"**{name}**", "", "", *totals[name], *_times(times, runs[0])])
    head = [
        *("backend", "engine", "seed", "faults", "poison pages", "pages", "corrections", "lost"),
        *("doubled", "stray rows", "wrong verdicts", "resumed after, median s", "max s"),
        "within 2 leases",
    ]
    return _table(head, lines)


def _kinds(runs: Sequence[dict[str, Any]]) -> str:
    lines = []
    kinds = sorted({kind for run in runs for kind in run["faults"]})
    for kind in kinds:
        taken = [s for run in runs for s in run["resume_s"].get(kind, [])]
        count = sum(run["faults"].get(kind, 0) for run in runs)
        lines.append([kind, count, *_times(taken, runs[0])])
    for kind in sorted({kind for run in runs for kind in run["poison_pages"]}):
        count = sum(run["poison_pages"].get(kind, 0) for run in runs)
        lines.append([f"poison page: {kind}", count, "", "", ""])
    return _table(["fault", "times", "resumed after, median s", "max s", "within 2 leases"], lines)


def _times(taken: Sequence[float], run: dict[str, Any]) -> list[str]:
    if not taken:
        return ["", "", ""]
    in_time = sum(s <= 2 * run["lease_s"] for s in taken)
    return [f"{statistics.median(taken):.1f}", f"{max(taken):.1f}", f"{in_time} of {len(taken)}"]


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--into", type=Path, help="a document with the marks of a record")
    asked = parser.parse_args()
    if asked.into is None:
        print(report(*asked.folders))  # noqa: T201
    else:
        write_record(asked.folders, asked.into)


if __name__ == "__main__":
    _main()
