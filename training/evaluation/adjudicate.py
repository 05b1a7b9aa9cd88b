r"""Disagreements as a table for a person to judge, and what the judgements make of the truth.

A verdict says whose fault a disagreement is: of the `engine`, of the `truth` (the scan says what
was read), or of nobody: a `convention`, such as a spaced dash, that two honest people would write
differently. Places are offsets in the normalised truth, and a verdict on the truth says what the
scan has there, so that it holds for every engine, however it reads the place.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocrq.errors import UsageError
from training.evaluation.judge import Judged
from training.evaluation.text_file import read_text

COLUMNS: Final = (
    "number", "document", "place", "expected", "got", "confidence", "verdict", "right", "before",
    "after",
)  # fmt: skip
_NEEDED: Final = ("document", "place", "expected", "got", "verdict")  # of a judged table
_CONTEXT: Final = 28  # characters before and after
#: Signs that a table would swallow or a person would not see.
_SHOWN: Final = str.maketrans({" ": "␣", "\t": "␉"})
_MEANT: Final = str.maketrans({"␣": " ", "␉": "\t"})
_NOTHING: Final = "∅"  # in `right`: there is nothing on the scan


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
    right: str  # what the scan has, or has by the other convention; `got` unless it says otherwise

    @property
    def end(self) -> int:
        """Where `expected` ends in the truth."""
        return self.place + len(self.expected)


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
        UsageError: it is no UTF-8 text, a column is missing, a verdict unknown or open; names file
            and line.
    """
    rows = io.StringIO(read_text(path), newline="")
    reader = csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if lacking:
            raise UsageError(f"{path}: the table has no column {', '.join(lacking)}")
        return [_judgement(path, number, row) for number, row in enumerate(reader, start=2)]
    except csv.Error as exc:
        raise UsageError(f"{path}, line {reader.line_num}: {exc}") from exc


def _judgement(path: Path, number: int, row: Mapping[str, str | None]) -> Judgement:
    document, place_text, expected, got, word = (row[name] for name in _NEEDED)
    if document is None or place_text is None or expected is None or got is None or word is None:
        raise UsageError(f"{path}, line {number}: the row is too short")
    word = word.strip().lower()
    known = {v.value: v for v in Verdict} | {v.value[0]: v for v in Verdict}
    if word not in known:
        raise UsageError(
            f"{path}, line {number}: verdict {word!r}; write engine, truth or convention (or their "
            "first letter)"
        )
    try:
        place = int(place_text)
    except ValueError:
        raise UsageError(f"{path}, line {number}: place {place_text!r} is no number") from None
    got = got.translate(_MEANT)
    right = (row.get("right") or "").translate(_MEANT)
    return Judgement(
        document=document,
        place=place,
        expected=expected.translate(_MEANT),
        got=got,
        verdict=known[word],
        right="" if right == _NOTHING else right or got,
    )


def by_document(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """The judgements of each document."""
    found: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        found[judgement.document].append(judgement)
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A truth as judgements have it for one reading, and where the original stood in it."""

    text: str
    #: (start in `text`, end in `text`, start in the truth, end in the truth) of what was exchanged,
    #: from front to back.
    exchanged: tuple[tuple[int, int, int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The part of the truth behind a part of `text`; all of an exchange that it is in."""
        first, last = self._place(start, is_end=False), self._place(end, is_end=True)
        # Nothing, where something was taken away: all that was there.
        return min(first, last), max(first, last)

    def _place(self, place: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, first, last in self.exchanged:
            if place < start or (is_end and place == start):
                break
            if place < end or (is_end and place == end):
                return last if is_end else first
            shift = last - end
        return place + shift


def check_fit(truth: str, judgements: Iterable[Judgement]) -> None:
    """Refuse judgements of another truth.

    Args:
        truth: normalised.
        judgements: of this document.

    Raises:
        UsageError: a judgement does not fit the truth, which was another when it was made.
    """
    for wanted in judgements:
        if truth[wanted.place : wanted.end] != wanted.expected:
            raise UsageError(
                f"{wanted.document}: the truth has no {wanted.expected!r} at {wanted.place}; the "
                "judgements were made with another truth or another use of --upper"
            )


def corrected_truth(truth: str, text: str, judgements: Sequence[Judgement]) -> Mended:
    """The truth as the judgements have it, for scoring one reading.

    Faults of the truth are mended. Where several spellings are right by some convention, the one
    that is nearest to this reading is taken. A judgement within the reach of a longer one, say of a
    whole table that the truth has in another order, is covered by it.

    Args:
        truth: normalised.
        text: what was read, normalised.
        judgements: of this document.

    Raises:
        UsageError: a judgement does not fit the truth, which was another when it was made.
    """
    check_fit(truth, judgements)
    mended = truth
    chosen: list[tuple[int, int, str]] = []
    for same in reversed(_places_judged(judgements)):
        start, end = same[0].place, same[0].end
        options = dict.fromkeys(j.right for j in same)
        if all(j.verdict is Verdict.CONVENTION for j in same):
            options = {same[0].expected: None, **options}
        ranked = [
            (Levenshtein.distance(mended[:start] + option + mended[end:], text), k, option)
            for k, option in enumerate(options)
        ]
        option = min(ranked)[2]
        mended = mended[:start] + option + mended[end:]
        if option != same[0].expected:
            chosen.append((start, end, option))
    exchanged: list[tuple[int, int, int, int]] = []
    shift = 0
    for start, end, option in reversed(chosen):
        exchanged.append((start + shift, start + shift + len(option), start, end))
        shift += len(option) - (end - start)
    return Mended(text=mended, exchanged=tuple(exchanged))


def count_unjudged(found: Judged, mended: Mended, judgements: Sequence[Judgement]) -> int:
    """Disagreements with the mended truth at places that nobody looked at: another engine's.

    Args:
        found: the reading, judged by the mended truth.
        mended: from `corrected_truth`.
        judgements: of this document, those of the engine's faults too.
    """
    looked_at = [(j.place, j.end) for j in judgements]
    count = 0
    for disagreement in found.disagreements:
        start = disagreement.place
        first, last = mended.original(start, start + len(disagreement.expected))
        count += not any(a <= first and last <= b for a, b in looked_at)
    return count


def _places_judged(judgements: Sequence[Judgement]) -> list[list[Judgement]]:
    """Verdicts that change the truth, those of one place together, from front to back."""
    changing = [j for j in judgements if j.verdict is not Verdict.ENGINE]
    kept: list[list[Judgement]] = []
    for judgement in sorted(changing, key=lambda j: (-len(j.expected), j.place)):
        same = [k for k in kept if (k[0].place, k[0].end) == (judgement.place, judgement.end)]
        if same:
            same[0].append(judgement)
        elif not any(_overlap(judgement, k[0]) for k in kept):
            kept.append([judgement])
    return sorted(kept, key=lambda same: (same[0].place, same[0].end))


def _overlap(inner: Judgement, outer: Judgement) -> bool:
    if not inner.expected:  # something is put in: at the edge of the other it is no part of it
        return outer.place < inner.place < outer.end
    return inner.place < outer.end and outer.place < inner.end
