"""How ocrq holds up at a million pages: python -m bench.scale queue | characters | ...

Recognition is simulated; queue, database and bells are the real ones. Each part takes its sizes
as options (`python -m bench.scale PART --help`); the defaults are those of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench import scale_characters, scale_queue

PARTS = {"queue": scale_queue, "characters": scale_characters}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in PARTS.items():
        module.add_arguments(parts.add_parser(name, description=module.__doc__))
    asked = parser.parse_args(arguments)
    PARTS[asked.part].run(asked)


if __name__ == "__main__":
    main()
