"""Seconds a page and core, by stage: python -m bench.run_pages SCANS...

One process with one thread reads every page without queue and database, as a page child does.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.errors import PageError
from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.probe import probe_file
from pipeline.run import process_page

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    if not _ONE_THREAD.items() <= os.environ.items():
        # numpy is loaded already and reads them when it is: begin again.
        command = [sys.executable, "-m", "bench.run_pages", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **_ONE_THREAD})
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scans", nargs="+", type=Path)
    parser.add_argument("--engine", default=PageOptions().engine)
    parser.add_argument("--limit", type=int, default=0, help="pages, 0 for all of them")
    asked = parser.parse_args()

    cv2.setNumThreads(1)
    engine = load_engine(asked.engine)
    options = PageOptions(engine=asked.engine)
    before_mb = _peak_mb()
    stages: defaultdict[str, list[float]] = defaultdict(list)
    wall_s: list[float] = []
    core_s: list[float] = []
    characters = 0
    unread = 0
    for path, frame in _frames(asked.scans):
        if asked.limit and len(wall_s) == asked.limit:
            break
        started_s, started_core_s = time.perf_counter(), _core_s()
        try:
            page = load_page(str(path), frame, Limits(), None)
        except PageError as exc:
            print(f"{path}: {exc}")
            unread += 1
            continue
        loaded_s = time.perf_counter()
        result = process_page(page, options, engine)
        wall_s.append(time.perf_counter() - started_s)
        core_s.append(_core_s() - started_core_s)
        characters += sum(len(line.chars) for line in result.lines)
        for stage, elapsed_s in {"load": loaded_s - started_s, **result.elapsed_s}.items():
            stages[stage].append(elapsed_s)
    if not wall_s:
        raise SystemExit("no page could be read")

    print(f"{describe_machine()}; engine {engine.info.name} {engine.info.version}\n")
    rows = [_row(stage, seconds, len(wall_s)) for stage, seconds in stages.items()]
    rows += [_row("all", wall_s, len(wall_s)), _row("processor time", core_s, len(wall_s))]
    print(markdown_table(["stage", "mean s", "median s", "slowest s"], rows))
    print(
        f"\n{len(wall_s)} pages, {unread} unreadable; {characters:,} characters, "
        f"{characters / sum(wall_s):,.0f} a second; "
        f"peak resident memory {_peak_mb():.0f} MB ({before_mb:.0f} MB with the model alone)"
    )


def _frames(paths: list[Path]) -> Iterator[tuple[Path, int]]:
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                probe = probe_file(str(file), Limits())
            except PageError as exc:
                print(f"{file}: {exc}")
                continue
            yield from ((file, frame) for frame in range(len(probe.pages)))


def _row(stage: str, seconds: list[float], pages: int) -> list[str]:
    # A stage that some pages skip still counts for all pages in the mean.
    mean_s = sum(seconds) / pages
    return [stage, f"{mean_s:.3f}", f"{statistics.median(seconds):.3f}", f"{max(seconds):.3f}"]


def _core_s() -> float:
    # Children too: poppler renders PDF pages in one.
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
