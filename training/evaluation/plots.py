"""Pictures of a report: reliability, and what review by confidence finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.evaluation.confidences import DOUBTFUL, ConfidenceScore
from training.evaluation.report import shown
from training.evaluation.score import Confusion


def draw_reliability(score: ConfidenceScore, path: Path, title: str) -> None:
    """Share that is right against confidence; below it how many characters each bin holds."""
    figure = _figure(4.6, 5.4)
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="honest")
    xs = [b.confidence for b in score.bins]
    spread = [1.96 * (b.right * (1 - b.right) / b.count) ** 0.5 for b in score.bins]
    axes.errorbar(xs, [b.right for b in score.bins], yerr=spread, marker="o", capsize=2)
    axes.axvline(DOUBTFUL, color="0.85", zorder=0)
    axes.set(ylabel="share that is right", xlim=(0, 1.01), ylim=(0, 1.01), title=title)
    axes.legend(loc="upper left")
    counts.bar(xs, [b.count for b in score.bins], width=0.012)
    counts.set(xlabel="confidence", ylabel="characters", yscale="log")
    figure.savefig(path, dpi=110)


def draw_review(score: ConfidenceScore, path: Path, title: str) -> None:
    """Share of the errors among the least confident characters, with its interval."""
    figure = _figure(4.6, 3.4)
    axes = figure.add_subplot()
    xs = [100 * share for share, _ in score.errors_found]
    found = [e for _, e in score.errors_found]
    axes.plot(xs, [100 * e.value for e in found], marker="o")
    ends = [(100 * e.low, 100 * e.high) for e in found if e.low is not None and e.high is not None]
    if len(ends) == len(xs):  # one document has no intervals
        axes.fill_between(xs, *zip(*ends, strict=True), alpha=0.2)
    axes.plot([0, 20], [0, 20], color="0.7", linestyle="--")
    axes.set(xlabel="% of characters reviewed", ylabel="% of errors found", ylim=(0, 101))
    axes.set_title(title)
    figure.savefig(path, dpi=110)


def draw_confusions(confusions: Sequence[Confusion], path: Path, title: str) -> None:
    """How often each of the confusions occurs."""
    figure = _figure(4.6, 0.6 + 0.24 * max(1, len(confusions)))
    axes = figure.add_subplot()
    names = [f"{shown(c.expected)} → {shown(c.got)}" for c in confusions]
    places = range(len(confusions))
    axes.barh(places, [c.count for c in confusions])
    axes.set_yticks(places, names, parse_math=False)
    axes.invert_yaxis()
    axes.set(xlabel="times", title=title)
    figure.savefig(path, dpi=110)


def _figure(width: float, height: float) -> Any:
    # The object interface: pyplot would keep figures alive and ask for a display.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
