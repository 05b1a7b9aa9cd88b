"""Figures as tables that a terminal and a Markdown file can both show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.evaluation.compare import Difference
from training.evaluation.confidences import ConfidenceScore, Estimate
from training.evaluation.score import PartScore, Speed

_NAMES = {"cer": "CER", "short_cer": "short CER", "wer": "WER", "bag_f1": "words in any order, F1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A heading, a row of column names, rows of text."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""  # a sentence below it

    def markdown(self) -> str:
        """The table as Markdown, numbers to the right."""
        lines = [f"## {self.title}", "", _row(self.header)]
        lines.append("|---|" + "---:|" * (len(self.header) - 1))
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, *(["", self.note] if self.note else [])])


def text_table(parts: Sequence[PartScore]) -> Table:
    """Errors of the texts, a row for each part of the set."""
    return Table(
        title="Texts",
        header=(
            "part", "read", "failed", "documents", "characters", "CER", "95 %", "short CER", "95 %",
            "no spaces", "WER", "95 %", "F1", "95 %", "replaced/missed/added",
        ),
        rows=tuple(_text_row(part) for part in parts),
        note="What failed counts as read empty. Short CER counts runs below six characters with "
        "case folded; F1 is of words in any order; intervals are by bootstrap over documents; one "
        "has none.",
    )  # fmt: skip


def confidence_table(parts: Sequence[PartScore]) -> Table:
    """Confidences, a row for each part of the set."""
    shares = "/".join(f"{100 * s:.0f}" for s, _ in _found(parts))
    return Table(
        title="Confidences",
        header=(
            "part", "judged", "wrong", "set aside", "not read", "of it in runs", "ECE", "95 %",
            "by chance", "below .95", "ECE below .95", "95 %", "by chance", "Brier skill",
            "AUROC", "95 %", f"errors in {shares} %", "in 5 %, 95 %",
        ),
        rows=tuple(
            _confidence_row(part, part.confidence) for part in parts if part.confidence is not None
        ),
        note="ECE has 15 bins of equal count; by chance: what perfectly honest confidences would "
        "show on so few characters. Characters that were not read have no confidence; wrong "
        "runs of six and more are set aside.",
    )  # fmt: skip


def kind_table(score: ConfidenceScore) -> Table:
    """Confidences by class of character."""
    return Table(
        title="Confidences by kind",
        header=("kind", "judged", "wrong", "ECE", "AUROC", "errors in 5 %"),
        rows=tuple(
            (
                k.kind, f"{k.characters:,}", percent(k.wrong / k.characters), percent(k.ece),
                *((f"{k.auroc:.3f}", f"{k.found:.0%}") if k.wrong else ("-", "-")),
            )
            for k in score.kinds
        ),
    )  # fmt: skip


def confusion_table(part: PartScore) -> Table:
    """The most frequent confusions."""
    return Table(
        title="Confusions",
        header=("expected", "read", "times"),
        rows=tuple((shown(c.expected), shown(c.got), f"{c.count:,}") for c in part.confusions),
    )


def difference_table(other: str, differences: Sequence[Difference]) -> Table:
    """This reading minus another one of the same documents."""
    return Table(
        title=f"Against {other}",
        header=("rate", "here", "there", "difference", "95 %", "certain"),
        rows=tuple(
            (
                _NAMES[d.rate], percent(d.first), percent(d.second),
                f"{100 * d.difference:+.2f}", _signed_range(d),
                "yes" if d.is_certain else "no",
            )
            for d in differences
        ),
        note="Per cent points, paired bootstrap over documents; one has no interval.",
    )  # fmt: skip


def speed_table(speed: Speed, noun: str) -> Table:
    """Processor seconds, and how a page spends them."""
    rows = [
        (f"seconds a {noun}", f"{speed.per_document_s:.4f}"),
        ("milliseconds a character", f"{speed.per_character_ms:.3f}"),
    ]
    rows += [(f"of it {stage}", f"{s:.4f}") for stage, s in speed.stages_s.items()]
    return Table(
        title="Speed",
        header=("one core", "seconds"),
        rows=tuple(rows),
        note="Processor seconds; stages are wall clock, to which other work on the machine adds.",
    )


def worst_table(part: PartScore, count: int = 10) -> Table:
    """The documents with most edits."""
    worst = sorted(part.texts.pages, key=lambda page: -page.edits)[:count]
    return Table(
        title="Most errors",
        header=("document", "CER", "edits", "characters"),
        rows=tuple(
            (p.name, percent(p.cer), f"{p.edits:,}", f"{p.characters:,}") for p in worst if p.edits
        ),
    )


def _text_row(part: PartScore) -> tuple[str, ...]:
    t = part.texts
    return (
        part.part, f"{len(t.pages) - len(t.missing):,}", f"{len(t.missing):,}",
        f"{t.documents:,}", f"{t.characters:,}",
        percent(t.cer), _range(t.cer_low, t.cer_high),
        percent(t.short_cer), _range(t.short_cer_low, t.short_cer_high),
        percent(t.dense_cer),
        percent(t.wer), _range(t.wer_low, t.wer_high),
        percent(t.bag_f1), _range(t.bag_f1_low, t.bag_f1_high),
        f"{t.substitutions}/{t.deletions}/{t.insertions}",
    )  # fmt: skip


def _confidence_row(part: PartScore, score: ConfidenceScore) -> tuple[str, ...]:
    found = dict(score.errors_found)
    # Without an error there is nothing that confidences could tell from it.
    telling = ("-",) * 5 if not score.wrong else (
        f"{score.brier_skill.value:.3f}",
        f"{score.auroc.value:.3f}", _range(score.auroc.low, score.auroc.high, "{:.3f}"),
        "/".join(f"{100 * e.value:.0f}" for e in found.values()),
        _range(found[0.05].low, found[0.05].high, "{:.0%}"),
    )  # fmt: skip
    return (
        part.part, f"{score.characters:,}", percent(score.wrong / score.characters),
        f"{score.set_aside:,}", f"{score.missed:,}", f"{score.missed_runs:,}",
        percent(score.ece.value), bounds(score.ece), percent(score.ece_by_chance),
        f"{score.doubtful:,}", percent(score.ece_doubtful.value), bounds(score.ece_doubtful),
        percent(score.ece_doubtful_by_chance), *telling,
    )  # fmt: skip


def _found(parts: Iterable[PartScore]) -> tuple[tuple[float, Estimate], ...]:
    return next((p.confidence.errors_found for p in parts if p.confidence is not None), ())


def percent(value: float) -> str:
    """A share as text."""
    return f"{100 * value:.2f}%"


def _range(low: float | None, high: float | None, style: str = "{:.2%}") -> str:
    """An interval, "-" where there is none; the column says per cent."""
    if low is None or high is None:
        return "-"
    return f"{style.format(low)}-{style.format(high)}".replace("%", "")


def _signed_range(found: Difference) -> str:
    if found.low is None or found.high is None:
        return "-"
    return f"{100 * found.low:+.2f} to {100 * found.high:+.2f}"


def bounds(estimate: Estimate) -> str:
    """The interval of an estimate in per cent."""
    return _range(estimate.low, estimate.high)


def shown(text: str) -> str:
    """Text in which spaces, and nothing at all, can be seen."""
    return text.replace(" ", "␣") if text else "∅"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
