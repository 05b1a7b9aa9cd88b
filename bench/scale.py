"""How ocrq holds up at a million pages: python -m bench.scale PART --help.

Parts: queue, characters, workers, processes, fairness. Recognition is simulated in all but the last
two; queue, database and bells are the real ones. The defaults are the sizes of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench import (
    scale_characters,
    scale_fairness,
    scale_processes,
    scale_queue,
    scale_workers,
)

PARTS = {
    "queue": scale_queue,
    "characters": scale_characters,
    "workers": scale_workers,
    "processes": scale_processes,
    "fairness": scale_fairness,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in PARTS.items():
        module.add_arguments(parts.add_parser(name, description=module.__doc__))
    asked = parser.parse_args(arguments)
    PARTS[asked.part].run(asked)


if __name__ == "__main__":
    main()
