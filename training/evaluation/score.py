"""All figures of one engine on one set, and on the parts of it that are reported apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ocrq.errors import UsageError
from training.evaluation.adjudicate import Judgement, corrected_truth, count_unjudged
from training.evaluation.confidences import ConfidenceScore, score_confidences
from training.evaluation.judge import Judged, judge
from training.evaluation.reading import Reading
from training.metrics import discrimination
from training.text_score import PageScore, TextScore, normalise, score_page, summarise

_CONFUSIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """What the truth has, what was read instead, and how often; "" is nothing."""

    expected: str
    got: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Processor seconds of one core, reading included."""

    core_s: float
    per_document_s: float  # a page or a line
    per_character_ms: float
    stages_s: Mapping[str, float]  # of one page, wall clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScore:
    """The figures of one part of a set."""

    part: str  # "all", or why these documents are reported apart
    texts: TextScore
    confidence: ConfidenceScore | None  # None where nothing was read
    confusions: tuple[Confusion, ...]
    missing_risk_auroc: float | None  # of lines: does the risk of a gap find lines that miss some?
    unjudged: int | None = None  # of an adjudicated part: disagreements without a verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A document that could not be read; it counts as empty."""

    name: str
    why: str


def judge_all(
    readings: Sequence[Reading], truths: Mapping[str, str], *, ignore_case: bool
) -> list[Judged]:
    """Every reading against its truth, in the order given."""
    return [judge(reading, truths[reading.name], ignore_case=ignore_case) for reading in readings]


def page_scores(judged: Sequence[Judged]) -> list[PageScore]:
    """The edits of each document, in the order given."""
    return [score_page(j.name, j.truth, j.text, group=j.group) for j in judged]


def score_part(
    part: str,
    judged: Sequence[Judged],
    readings: Sequence[Reading],
    *,
    unjudged: int | None = None,
) -> PartScore:
    """The figures of some documents together.

    Args:
        part: its name.
        judged: the documents.
        readings: of the same documents, in the same order.
        unjudged: see PartScore.
    """
    counts = sum((j.confusions for j in judged), Counter[tuple[str, str]]())
    return PartScore(
        part=part,
        texts=summarise(page_scores(judged), missing=tuple(r.name for r in readings if r.error)),
        confidence=score_confidences(judged),
        confusions=tuple(
            Confusion(expected=a, got=b, count=n)
            for (a, b), n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[
                :_CONFUSIONS
            ]
        ),
        missing_risk_auroc=_missing_risk(judged, readings),
        unjudged=unjudged,
    )


def score_adjudicated(
    readings: Sequence[Reading],
    truths: Mapping[str, str],
    judgements: Mapping[str, Sequence[Judgement]],
    *,
    ignore_case: bool,
) -> PartScore:
    """The documents that have judgements, against the truth as these have it.

    No run is set aside here for its length: what is an error was judged.

    Raises:
        UsageError: none of the documents is in the set, or a judgement does not fit its truth.
    """
    judged, unjudged = judge_adjudicated(readings, truths, judgements, ignore_case=ignore_case)
    kept = [reading for reading in readings if reading.name in judgements]
    return score_part("adjudicated", judged, kept, unjudged=unjudged)


def judge_adjudicated(
    readings: Sequence[Reading],
    truths: Mapping[str, str],
    judgements: Mapping[str, Sequence[Judgement]],
    *,
    ignore_case: bool,
) -> tuple[list[Judged], int]:
    """The documents that have judgements, in the order given, and their unjudged disagreements.

    Raises:
        UsageError: as `score_adjudicated`.
    """
    kept = [reading for reading in readings if reading.name in judgements]
    if not kept:
        raise UsageError("none of the judged documents is in this set")
    judged, unjudged = [], 0
    for reading in kept:
        own = judgements[reading.name]
        truth = normalise(truths[reading.name], ignore_case)
        mended = corrected_truth(truth, normalise(reading.text, ignore_case), own)
        found = judge(reading, mended.text, ignore_case=ignore_case, set_aside=False)
        unjudged += count_unjudged(found, mended, own)
        judged.append(found)
    return judged, unjudged


def speed_of(readings: Sequence[Reading]) -> Speed:
    """Processor seconds of the documents that could be read."""
    read = [reading for reading in readings if reading.error is None]
    core_s = sum(reading.core_s for reading in read)
    characters = sum(len(reading.text) for reading in read)
    stages = sorted({name for reading in read for name in reading.stages_s})
    count = max(1, len(read))
    return Speed(
        core_s=core_s,
        per_document_s=core_s / count,
        per_character_ms=1000 * core_s / max(1, characters),
        stages_s={name: sum(r.stages_s.get(name, 0.0) for r in read) / count for name in stages},
    )


def compared_with_texts(
    judged: Sequence[Judged], texts: Mapping[str, str], *, ignore_case: bool
) -> list[PageScore]:
    """The same documents with texts of another program; one without a text counts as empty."""
    return [
        score_page(j.name, j.truth, normalise(texts.get(j.name, ""), ignore_case), group=j.group)
        for j in judged
    ]


def _missing_risk(judged: Sequence[Judged], readings: Sequence[Reading]) -> float | None:
    risks = [(j, r.missing_risk) for j, r in zip(judged, readings, strict=True)]
    known = [(j.missed == 0, 1 - risk) for j, risk in risks if risk is not None]
    if not known:
        return None
    whole, sure = zip(*known, strict=True)
    return discrimination(np.array(sure, np.float32), np.array(whole, np.bool_))
