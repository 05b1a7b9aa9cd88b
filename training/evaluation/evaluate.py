"""From readings of a set to its report: figures of all, of parts, against another reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ocrq.errors import UsageError
from ocrq.types import EngineInfo
from training.evaluation import report
from training.evaluation.adjudicate import by_document, check_fit, read_judgements
from training.evaluation.compare import Difference, compare
from training.evaluation.datasets import Left, LineSample, PageSample, names_of
from training.evaluation.judge import Judged
from training.evaluation.plots import draw_confusions, draw_reliability, draw_review
from training.evaluation.reading import Reading
from training.evaluation.score import (
    PartScore,
    Speed,
    Unread,
    compared_with_texts,
    judge_all,
    page_scores,
    score_adjudicated,
    score_part,
    speed_of,
)
from training.text_score import normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is reported beside the figures of the whole set."""

    ignore_case: bool = False
    unseen: Collection[str] | None = None  # documents that are also reported apart
    adjudicated: Path | None = None  # table of judged disagreements
    against: str | None = None  # name of the other engine, or of the folder of its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that was measured on one set."""

    data: str
    kind: Literal["lines", "pages"]
    engine: EngineInfo
    ignore_case: bool
    parts: tuple[PartScore, ...]  # the whole set first
    against: str | None
    differences: tuple[Difference, ...]  # to `against`, empty without
    speed: Speed
    speed_against: Speed | None
    left_out: tuple[Left, ...]
    unread: tuple[Unread, ...]

    def tables(self) -> list[report.Table]:
        """What a person is shown, in this order."""
        whole = self.parts[0]
        tables = [report.text_table(self.parts)]
        if whole.confidence is not None:
            tables += [report.confidence_table(self.parts), report.kind_table(whole.confidence)]
        if self.against is not None:
            tables.append(report.difference_table(self.against, self.differences))
        tables += [report.confusion_table(whole), report.worst_table(whole)]
        noun = self.kind.removesuffix("s")
        tables.append(report.speed_table(self.speed, noun))
        return [table for table in tables if table.rows]


def check_asked(samples: Sequence[PageSample | LineSample], asked: Asked) -> None:
    """Refuse before anything is read what `evaluate` would refuse when all is read.

    Raises:
        UsageError: as `evaluate`.
    """
    if asked.unseen is not None and not any(names_of(s) & set(asked.unseen) for s in samples):
        raise UsageError("none of the names of --unseen is in this set")
    if asked.adjudicated is not None:
        judgements = by_document(read_judgements(asked.adjudicated))
        kept = [sample for sample in samples if sample.name in judgements]
        if not kept:
            raise UsageError("none of the judged documents is in this set")
        for sample in kept:
            check_fit(normalise(sample.truth, asked.ignore_case), judgements[sample.name])


def evaluate(
    data: str,
    samples: Sequence[PageSample | LineSample],
    readings: Sequence[Reading],
    engine: EngineInfo,
    asked: Asked,
    *,
    left_out: Sequence[Left] = (),
    other: Sequence[Reading] | Mapping[str, str] | None = None,
) -> tuple[Evaluation, list[Judged]]:
    """Score readings of a set.

    Args:
        data: name of the set.
        samples: what was read.
        readings: of the samples, in the same order.
        engine: that read them.
        asked: what is reported.
        left_out: parts of the set that could not be used.
        other: readings by another engine in the same order, or texts of another program by name.

    Raises:
        UsageError: nothing of a part that is asked for is in the set, or a verdict does not fit.
    """
    check_asked(samples, asked)
    truths = {sample.name: sample.truth for sample in samples}
    judged = judge_all(readings, truths, ignore_case=asked.ignore_case)
    parts = [score_part("all", judged, readings)]
    if asked.unseen is not None:
        chosen = [k for k, s in enumerate(samples) if names_of(s) & set(asked.unseen)]
        parts.append(
            score_part("unseen", [judged[k] for k in chosen], [readings[k] for k in chosen])
        )
    if asked.adjudicated is not None:
        judgements = by_document(read_judgements(asked.adjudicated))
        kept = [(j, r) for j, r in zip(judged, readings, strict=True) if j.name in judgements]
        if kept:
            parts.append(score_part("judged, raw", [j for j, _ in kept], [r for _, r in kept]))
        parts.append(score_adjudicated(readings, truths, judgements, ignore_case=asked.ignore_case))
    differences: tuple[Difference, ...] = ()
    if isinstance(other, Mapping):
        theirs = compared_with_texts(judged, other, ignore_case=asked.ignore_case)
        differences = compare(page_scores(judged), theirs)
    elif other is not None:
        theirs = page_scores(judge_all(other, truths, ignore_case=asked.ignore_case))
        differences = compare(page_scores(judged), theirs)
    found = Evaluation(
        data=data,
        kind="lines" if isinstance(samples[0], LineSample) else "pages",
        engine=engine,
        ignore_case=asked.ignore_case,
        parts=tuple(parts),
        against=asked.against,
        differences=differences,
        speed=speed_of(readings),
        speed_against=None if other is None or isinstance(other, Mapping) else speed_of(other),
        left_out=tuple(left_out),
        unread=tuple(Unread(name=r.name, why=r.error) for r in readings if r.error is not None),
    )
    return found, judged


def write_report(
    folder: Path, evaluation: Evaluation, readings: Sequence[Reading], title: str
) -> None:
    """report.md with its plots, and texts/NAME.txt as they were read."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    for reading in readings:
        (folder / "texts" / f"{reading.name}.txt").write_text(reading.text, encoding="utf-8")
    whole = evaluation.parts[0]
    lines = [f"# {title}", ""]
    lines += ["\n\n".join(table.markdown() for table in evaluation.tables()), ""]
    if whole.confidence is not None:
        draw_reliability(whole.confidence, folder / "reliability.png", title)
        draw_review(whole.confidence, folder / "review.png", title)
        lines += ["![reliability](reliability.png)", "![review](review.png)"]
    if whole.confusions:
        draw_confusions(whole.confusions, folder / "confusions.png", title)
        lines += ["![confusions](confusions.png)"]
    for heading, names in (
        ("Left out", [f"{left.name}: {left.why}" for left in evaluation.left_out]),
        ("Could not be read", [f"{page.name}: {page.why}" for page in evaluation.unread]),
    ):
        if names:
            lines += ["", f"## {heading}", "", *(f"- {name}" for name in names)]
    (folder / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
