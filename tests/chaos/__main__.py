"""Recorded chaos: `python -m tests.chaos --seed 1 --faults 200 --backend both`.

Starts its own Redis and PostgreSQL and its own workers; nothing else on the machine is touched.
Each run is written to OUT as JSON, and all runs in OUT are summed up in OUT/record.md; with
`--record docs/reliability.md` there too. Exit status 1: a run ended early, or pages were lost,
doubled or given a wrong verdict. The JSON says which.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path

from tests.chaos.report import report, write_record
from tests.chaos.site import Site, embedded_site, production_site
from tests.chaos.storm import Record, StormOptions, storm

_SITES: dict[str, Callable[[Path], AbstractContextManager[Site]]] = {
    "sqlite-memory": embedded_site,
    "postgres-redis": production_site,
}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # ends servers, workers and mounts too
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1, help="of each backend: SEED, SEED + 1 ...")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--faults", type=int, help="faults of a run, poison pages included")
    length.add_argument("--minutes", type=float, help="length of a run")
    parser.add_argument("--backend", choices=[*_SITES, "both"], default="both")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--engine",
        choices=["mixed", "crnn", "resnet"],
        default="mixed",
        help="mixed: cheap, poisoned",
    )
    parser.add_argument("--out", type=Path, default=Path("build/chaos"))
    parser.add_argument("--record", type=Path, help="a document whose record is made anew")
    args = parser.parse_args()
    faults = args.faults if args.faults or args.minutes else 100
    options = StormOptions(
        seed=args.seed,
        faults=faults,
        minutes=args.minutes,
        workers=args.workers,
        # Poison is a matter of the test engine.
        poisoned_in_a_batch=2 if args.engine == "mixed" else 0,
    )
    args.out.mkdir(parents=True, exist_ok=True)
    names = list(_SITES) if args.backend == "both" else [args.backend]
    is_broken = False
    for seed in range(args.seed, args.seed + args.runs):
        for name in names:
            run = replace(options, seed=seed)
            try:
                is_broken |= bool(_run(name, args.engine, run, args.out).broken)
            except AssertionError as exc:  # nothing went on any more, or a process did not end
                is_broken = True
                early = args.out / f"{name}-{args.engine}-{seed}.ended-early"
                early.write_text(str(exc), encoding="utf-8")
                print(f"ended early: {exc}", flush=True)  # noqa: T201
            (args.out / "record.md").write_text(report(args.out), encoding="utf-8")
            if args.record is not None:
                write_record([args.out], args.record)
    sys.exit(is_broken)


def _run(backend: str, engine: str, options: StormOptions, out: Path) -> Record:
    stem = f"{backend}-{engine}-{options.seed}"
    with tempfile.TemporaryDirectory(prefix="ocrq-chaos-run-") as name:
        folder = Path(name)
        try:
            with _SITES[backend](folder) as site:
                site.engine = engine
                record = storm(site, folder, options, lambda text: print(text, flush=True))  # noqa: T201
        finally:
            if (folder / "worker.log").exists():
                shutil.copy(folder / "worker.log", out / f"{stem}.log")
    text = json.dumps(asdict(record), indent=1)
    (out / f"{stem}.json").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    return record


if __name__ == "__main__":
    main()
