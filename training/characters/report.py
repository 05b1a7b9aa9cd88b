"""A run's report: one Markdown file and its pictures in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.evaluate import Answers, CharacterScore, score
from training.characters.pictures import draw_confusion, draw_curves, draw_reliability, draw_samples
from training.metrics import confusion_matrix

_TWIN_PAIRS = 12  # most frequent confusions that are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One source of pictures that were held out, and the answers for some class sets."""

    title: str  # "handprint", "print"
    images: npt.NDArray[np.uint8]  # (N, 32, 32)
    answers: Sequence[Answers]  # the widest class set last


def write_report(
    folder: Path,
    *,
    title: str,
    history: Path,
    sections: Sequence[Section],
    facts: Mapping[str, Any],
    seed: int,
) -> Path:
    """Write report.md with a per-class report, confusion matrices, curves and samples.

    Args:
        folder: made when missing; holds the PNGs too.
        title: heading of the report.
        history: the run's history.jsonl.
        sections: what was measured.
        facts: lines of the first table: data, seed, speed.
        seed: of the choice of samples.

    Returns:
        Path of report.md.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_curves(history, folder / "curves.png")
    lines = [f"# {title}", "", "| what | value |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    lines += ["", "![curves](curves.png)", ""]
    for section in sections:
        lines += _write_section(folder, section, seed)
    path = folder / "report.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def summary_table(scores: Sequence[CharacterScore]) -> list[str]:
    """Markdown rows, one for each score."""
    lines = [
        "| classes | pictures | accuracy | case merged | twins merged | macro F1 | ECE | AUROC | "
        "errors found by reviewing the least confident 1 / 2 / 5 / 10 / 20 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for s in scores:
        found = " / ".join(f"{100 * share:.0f}" for _, share in s.errors_found)
        lines.append(
            f"| {s.class_set} | {s.count:,} | {s.accuracy:.2%} "
            f"| {s.case_merged_accuracy:.2%} | {s.merged_accuracy:.2%} "
            f"| {s.macro_f1:.3f} | {s.ece:.4f} | {s.auroc:.3f} | {found} % |"
        )
    return lines


def _write_section(folder: Path, section: Section, seed: int) -> list[str]:
    name = section.title.replace(" ", "-")
    widest = section.answers[-1]
    confusion = confusion_matrix(widest.labels, widest.answers, len(ASCII_CLASSES))
    draw_confusion(confusion, folder / f"confusion-{name}.png")
    draw_reliability(section.answers, folder / f"reliability-{name}.png")
    draw_samples(section.images, widest, folder / f"samples-{name}.png", seed)
    scores = [score(a) for a in section.answers]
    lines = [f"## {section.title}", "", *summary_table(scores), ""]
    lines += [f"![confusion](confusion-{name}.png)", f"![reliability](reliability-{name}.png)", ""]
    lines += ["Most frequent confusions: " + "; ".join(_confusions(confusion)) + ".", ""]
    lines += [
        "Right answers are framed green, wrong ones red (answer, confidence in percent / truth); "
        "below the bar the most confident errors.",
        "",
        f"![samples](samples-{name}.png)",
        "",
        f"### Per class ({section.title}, {widest.class_set})",
        "",
        "| class | precision | recall | F1 | pictures |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{'&#124;' if f.char == '|' else f.char}` | {f.precision:.3f} | {f.recall:.3f} "
        f"| {f.f1:.3f} | {f.count} |"
        for f in scores[-1].figures
    ]
    return [*lines, ""]


def _confusions(confusion: npt.NDArray[np.int64]) -> list[str]:
    errors = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-errors, axis=None, kind="stable")[:_TWIN_PAIRS]
    pairs = [np.unravel_index(i, errors.shape) for i in order]
    return [
        f"`{ASCII_CLASSES[t]}` read as `{ASCII_CLASSES[a]}` {errors[t, a]} of {confusion[t].sum()}"
        for t, a in pairs
        if errors[t, a] > 0
    ]
