"""Turn a judged table into a file of verdicts that quotes nothing of the truth.

    python -m bench.pack_verdicts DATA TABLE docs/verdicts/books.tsv [--upper] [--documents 12]

DATA is a folder as for `ocrq evaluate pages`, TABLE what `--disagreements` wrote of its first
documents, or of all, and a person has judged. Documents without a disagreement are named too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training.evaluation.adjudicate import by_document, read_judgements
from training.evaluation.datasets import find_pages
from training.evaluation.verdicts import write_verdicts
from training.text_score import normalise


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--upper", action="store_true", help="case was ignored")
    parser.add_argument("--documents", type=int, help="only the first so many were looked at")
    asked = parser.parse_args()
    judgements = by_document(read_judgements(asked.table))
    pages = find_pages(asked.data)[0][: asked.documents]
    truths = {page.name: normalise(page.truth, asked.upper) for page in pages}
    write_verdicts(asked.output, truths, judgements)
    print(f"{len(truths)} documents, {sum(map(len, judgements.values()))} verdicts")


if __name__ == "__main__":
    main()
