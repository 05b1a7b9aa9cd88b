r"""Disagreements as a table for a person to judge, and what the judgements make of the truth.

A verdict says whose fault a disagreement is: of the `engine`, of the `truth` (the scan says what
was read), or of nobody: a `convention`, such as a spaced dash, that two honest people would write
differently. Places are offsets in the normalised truth, so that verdicts hold for every engine.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocrq.errors import UsageError
from training.evaluation.judge import Judged

COLUMNS: Final = (
    "number", "document", "place", "expected", "got", "confidence", "verdict", "before", "after",
)  # fmt: skip
_CONTEXT: Final = 28  # characters before and after
#: Signs that a table would swallow or a person would not see.
_SHOWN: Final = str.maketrans({" ": "␣", "\t": "␉"})
_MEANT: Final = str.maketrans({"␣": " ", "␉": "\t"})


class Verdict(Enum):
    """Whose fault a disagreement is."""

    ENGINE = "engine"
    TRUTH = "truth"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One judged row."""

    document: str
    place: int
    expected: str
    got: str
    verdict: Verdict


def disagreement_rows(judged: Iterable[Judged]) -> list[dict[str, str]]:
    """Every disagreement in the order of the documents, its verdict still open."""
    rows: list[dict[str, str]] = []
    for document in judged:
        for found in document.disagreements:
            end = found.place + len(found.expected)
            sure = min((char.confidence for char in found.chars), default=None)
            values = (
                str(len(rows) + 1),
                document.name,
                str(found.place),
                found.expected.translate(_SHOWN),
                found.got.translate(_SHOWN),
                "" if sure is None else f"{sure:.3f}",
                "",
                document.truth[max(0, found.place - _CONTEXT) : found.place],
                document.truth[end : end + _CONTEXT],
            )
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def write_rows(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """The table as TSV, nothing quoted: texts hold neither tabs nor line breaks."""
    lines = ["\t".join(COLUMNS), *("\t".join(row[c] for c in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_judgements(path: Path) -> list[Judgement]:
    """The rows of a judged table; its columns may stand in any order, further ones are allowed.

    Raises:
        UsageError: a column is missing, a verdict unknown or open; names file and line.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        needed = ("document", "place", "expected", "got", "verdict")
        lacking = [name for name in needed if name not in (reader.fieldnames or ())]
        if lacking:
            raise UsageError(f"{path}: the table has no column {', '.join(lacking)}")
        return [_judgement(path, number, row) for number, row in enumerate(reader, start=2)]


def _judgement(path: Path, number: int, row: Mapping[str, str]) -> Judgement:
    word = (row["verdict"] or "").strip().lower()
    known = {v.value: v for v in Verdict} | {v.value[0]: v for v in Verdict}
    if word not in known:
        raise UsageError(
            f"{path}, line {number}: verdict {word!r}; write engine, truth or convention (or their "
            "first letter)"
        )
    try:
        place = int(row["place"])
    except ValueError:
        raise UsageError(f"{path}, line {number}: place {row['place']!r} is no number") from None
    return Judgement(
        document=row["document"],
        place=place,
        expected=row["expected"].translate(_MEANT),
        got=row["got"].translate(_MEANT),
        verdict=known[word],
    )


def by_document(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """The judgements of each document."""
    found: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        found[judgement.document].append(judgement)
    return dict(found)


def corrected_truth(truth: str, text: str, judgements: Sequence[Judgement]) -> str:
    """The truth as the judgements have it, for scoring one reading.

    Faults of the truth are mended. Where both are right by some convention, the spelling that is
    nearer to this reading is taken.

    Args:
        truth: normalised.
        text: what was read, normalised.
        judgements: of this document.

    Raises:
        UsageError: a judgement does not fit the truth, which was another when it was made.
    """
    for wanted in judgements:
        if truth[wanted.place : wanted.place + len(wanted.expected)] != wanted.expected:
            raise UsageError(
                f"{wanted.document}: the truth has no {wanted.expected!r} at {wanted.place}; the "
                "judgements were made with another truth or another use of --upper"
            )
    mended = truth
    ranked = sorted(judgements, key=lambda j: (-j.place, -len(j.expected)))
    for judgement in ranked:
        if judgement.verdict is Verdict.ENGINE:
            continue
        end = judgement.place + len(judgement.expected)
        other = mended[: judgement.place] + judgement.got + mended[end:]
        if judgement.verdict is Verdict.TRUTH or Levenshtein.distance(
            other, text
        ) < Levenshtein.distance(mended, text):
            mended = other
    return mended


def count_unjudged(judged: Judged, judgements: Sequence[Judgement]) -> int:
    """Disagreements that have no verdict: another engine's, which count as its errors."""
    known = {(j.place, j.expected, j.got) for j in judgements}
    return sum((d.place, d.expected, d.got) not in known for d in judged.disagreements)
