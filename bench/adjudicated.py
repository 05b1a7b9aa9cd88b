r"""Figures on pages whose every disagreement was judged by eye, each set and all sets together.

    python -m bench.adjudicated --set BOOKS docs/verdicts/books.tsv \
        --set RECEIPTS docs/verdicts/receipts.tsv --upper docs/verdicts/receipts.tsv

A set is a folder as for `ocrq evaluate pages` and the file of its verdicts (bench.pack_verdicts);
only the pages that the file names are read. `ocrq evaluate pages --adjudicated` gives the same for
one set and the table that was judged; here characters are ranked by confidence across the sets.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ocrq.types import PageOptions
from training.evaluation.confidences import score_confidences
from training.evaluation.datasets import find_pages
from training.evaluation.judge import Judged
from training.evaluation.report import confidence_table, text_table
from training.evaluation.run_engines import read_pages
from training.evaluation.score import PartScore, judge_adjudicated, judge_all, page_scores
from training.evaluation.verdicts import documents, read_verdicts
from training.text_score import normalise, summarise


def main() -> None:
    """Read the judged pages and print the tables, as the truth has them and as judged."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--set", nargs=2, action="append", required=True, metavar=("DATA", "FILE"))
    parser.add_argument("--upper", action="append", default=[], metavar="FILE")
    parser.add_argument("--engine", default="crnn")
    asked = parser.parse_args()

    from pipeline.engines.registry import load_engine

    engine = load_engine(asked.engine)
    raw: dict[str, list[Judged]] = {}
    mended: dict[str, list[Judged]] = {}
    unjudged = 0
    for data, table in asked.set:
        upper = table in asked.upper
        named = set(documents(Path(table)))
        pages = [page for page in find_pages(Path(data))[0] if page.name in named]
        truths = {page.name: page.truth for page in pages}
        judgements = read_verdicts(
            Path(table), {name: normalise(truth, upper) for name, truth in truths.items()}
        )
        options = PageOptions(engine=asked.engine)
        readings = read_pages(pages, {asked.engine: engine}, options)[asked.engine]
        name = Path(table).stem
        raw[name] = judge_all(readings, truths, ignore_case=upper)
        mended[name], more = judge_adjudicated(readings, truths, judgements, ignore_case=upper)
        unjudged += more
    parts = []
    for kind, found in (("raw", raw), ("judged", mended)):
        parts += [_part(f"{name}, {kind}", judged) for name, judged in found.items()]
        parts.append(_part(f"all, {kind}", [j for judged in found.values() for j in judged]))
    print(f"{engine.info.name} {engine.info.version}; {unjudged:,} disagreements without a verdict")
    print(text_table(parts).markdown())
    print(confidence_table(parts).markdown())


def _part(name: str, judged: Sequence[Judged]) -> PartScore:
    return PartScore(
        part=name,
        texts=summarise(page_scores(judged)),
        confidence=score_confidences(judged),
        confusions=(),
        missing_risk_auroc=None,
    )


if __name__ == "__main__":
    main()
