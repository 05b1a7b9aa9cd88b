"""Pictures of a report: reliability, and what review by confidence finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation.confidences import DOUBTFUL, ConfidenceScore
from training.evaluation.report import shown
from training.evaluation.score import Confusion
from training.metrics import share_interval

_SLOTS = 40  # of the counts below a reliability plot


def draw_reliability(score: ConfidenceScore, path: Path, title: str) -> None:
    """Share that is right against confidence, with its 95 % interval; below it how many there are.

    Bins may lie as near to each other as they like, so their counts are added up by slots.
    """
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    figure = _figure(4.6, 5.4)
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="honest")
    xs = [b.confidence for b in score.bins]
    ends = [share_interval(b.right, b.count) for b in score.bins]
    below = [max(0.0, b.right - low) for b, (low, _) in zip(score.bins, ends, strict=True)]
    above = [max(0.0, high - b.right) for b, (_, high) in zip(score.bins, ends, strict=True)]
    axes.errorbar(xs, [b.right for b in score.bins], yerr=(below, above), marker="o", capsize=2)
    axes.axvline(DOUBTFUL, color="0.85", zorder=0)
    axes.set(ylabel="share that is right", xlim=(0, 1.01), ylim=(0, 1.01), title=title)
    axes.legend(loc="upper left")
    heights, edges = np.histogram(
        xs, bins=_SLOTS, range=(0, 1), weights=[b.count for b in score.bins]
    )
    counts.bar(edges[:-1], heights, width=1 / _SLOTS, align="edge", edgecolor="white")
    # From below one on, so that one character is a bar; only powers of ten have room for a label.
    top = 2 * max(10.0, float(heights.max()))
    counts.set(xlabel="confidence", ylabel="characters", yscale="log", ylim=(0.6, top))
    counts.yaxis.set_major_locator(LogLocator(numticks=4))
    counts.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    counts.yaxis.set_minor_formatter(NullFormatter())
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
    from matplotlib.ticker import MaxNLocator

    figure = _figure(4.6, 0.6 + 0.24 * max(1, len(confusions)))
    axes = figure.add_subplot()
    names = [f"{shown(c.expected)} → {shown(c.got)}" for c in confusions]
    places = range(len(confusions))
    axes.barh(places, [c.count for c in confusions])
    axes.set_yticks(places, names, parse_math=False)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="times", title=title)
    figure.savefig(path, dpi=110)


def _figure(width: float, height: float) -> Any:
    # The object interface: pyplot would keep figures alive and ask for a display.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
