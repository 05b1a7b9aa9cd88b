r"""Verdicts on disagreements without the texts that they are about, so that they can be kept.

A judged table (`training.evaluation.adjudicate`) quotes the truth, which may belong to others. A
file of verdicts says instead where in the truth something was judged and how long it is; whoever
has the truth gets the judgements back.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ocrq.errors import UsageError
from training.evaluation.adjudicate import Judgement, Verdict

COLUMNS: Final = ("document", "truth", "place", "length", "verdict", "right")
#: So many hexadecimal digits tell two truths apart.
_DIGITS: Final = 12


def write_verdicts(
    path: Path, truths: Mapping[str, str], judgements: Mapping[str, Sequence[Judgement]]
) -> None:
    """One row for each judgement; a document without any has one row that says so.

    What an engine read wrongly is left out: only its place matters.

    Args:
        path: `.tsv`.
        truths: normalised, of every document that was looked at.
        judgements: by document.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, truth in truths.items():
            found = judgements.get(name, ())
            if not found:
                writer.writerow((name, _digest(truth), "", "", "", ""))
            for judged in sorted(found, key=lambda j: j.place):
                is_engine = judged.verdict is Verdict.ENGINE
                writer.writerow(
                    (
                        name, _digest(truth), judged.place, len(judged.expected),
                        judged.verdict.value, "" if is_engine else judged.right,
                    )
                )  # fmt: skip


def read_verdicts(path: Path, truths: Mapping[str, str]) -> dict[str, list[Judgement]]:
    """The judgements of every document of the file, none for those without disagreements.

    Args:
        path: `.tsv`.
        truths: normalised, by document; further ones are allowed.

    Raises:
        UsageError: a document is missing, or its truth is another than the one judged.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found: dict[str, list[Judgement]] = {}
    for number, row in enumerate(rows, start=2):
        name = row["document"]
        if name not in truths:
            raise UsageError(f"{path}, line {number}: the data has no document {name!r}")
        if _digest(truths[name]) != row["truth"]:
            raise UsageError(
                f"{path}, line {number}: the truth of {name!r} is not the one that was judged"
            )
        judged = found.setdefault(name, [])
        if row["verdict"]:
            judged.append(_judgement(row, truths[name]))
    return found


def documents(path: Path) -> Iterable[str]:
    """Names of the documents of a file of verdicts, each once."""
    with path.open(encoding="utf-8", newline="") as file:
        return dict.fromkeys(row["document"] for row in csv.DictReader(file, delimiter="\t"))


def _judgement(row: Mapping[str, str], truth: str) -> Judgement:
    place, verdict = int(row["place"]), Verdict(row["verdict"])
    return Judgement(
        document=row["document"],
        place=place,
        expected=truth[place : place + int(row["length"])],
        got=row["right"],
        verdict=verdict,
        right=row["right"],
    )


def _digest(truth: str) -> str:
    return hashlib.sha256(truth.encode()).hexdigest()[:_DIGITS]
