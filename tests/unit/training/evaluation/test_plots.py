"""What the pictures of a report show, looked at in matplotlib's own objects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from training.evaluation import plots
from training.evaluation.confidences import ConfidenceScore, score_answers
from training.evaluation.score import Confusion

FEW = np.array([0.4, 0.5, 0.9, 0.981, 0.982, 0.983, 0.984, 0.985, 0.99], np.float32)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The figures that were drawn."""
    drawn: list[Any] = []
    make = plots._figure

    def kept(width: float, height: float) -> Any:
        drawn.append(make(width, height))
        return drawn[-1]

    monkeypatch.setattr(plots, "_figure", kept)
    yield drawn


def scored(confidence: np.ndarray) -> ConfidenceScore:
    right = np.ones(len(confidence), np.bool_)
    score = score_answers(
        [confidence], [right], [np.zeros(len(confidence), np.uint8)], groups=["a"]
    )
    assert score is not None
    return score


def labels(axis: Any) -> list[Any]:
    """Labels that can be seen, in the order of the axis."""
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    shown = [t for t in ticks if low <= t.get_loc() <= high and t.label1.get_text()]
    return [t.label1 for t in sorted(shown, key=lambda t: float(t.get_loc()))]


def test_few_characters_have_long_bars_of_error_even_if_all_are_right(
    tmp_path: Path, figures: list[Any]
) -> None:
    plots.draw_reliability(scored(FEW), tmp_path / "p.png", "t")
    (container,) = figures[0].axes[0].containers
    for segment in container.lines[2][0].get_segments():
        assert segment[0][1] < 0.4  # one or two characters say little
        assert segment[1][1] == pytest.approx(1)


def test_bars_and_labels_of_counts_do_not_overlap(tmp_path: Path, figures: list[Any]) -> None:
    for confidence in (FEW, np.tile(FEW, 30), np.tile(FEW, 3000)):
        plots.draw_reliability(scored(confidence), tmp_path / "p.png", "t")
        counts = figures[-1].axes[1]
        bars = [(p.get_x(), p.get_width(), p.get_height()) for p in counts.patches]
        assert all(a[0] + a[1] <= b[0] + 1e-9 for a, b in pairwise(bars))
        assert sum(height for *_, height in bars) == len(confidence)
        boxes = [label.get_window_extent() for label in labels(counts.yaxis)]
        assert len(boxes) >= 2
        assert all(a.y1 <= b.y0 for a, b in pairwise(boxes))


@pytest.mark.parametrize("times", [1, 2, 3])
def test_confusions_are_counted_in_whole_numbers(
    tmp_path: Path, figures: list[Any], times: int
) -> None:
    found = [
        Confusion(expected="0", got="O", count=times),
        Confusion(expected="", got="$", count=1),
    ]
    plots.draw_confusions(found, tmp_path / "p.png", "t")
    texts = [label.get_text() for label in labels(figures[0].axes[0].xaxis)]
    assert texts == [str(k) for k in range(times + 1)]


def test_one_document_has_no_band_about_what_review_finds(
    tmp_path: Path, figures: list[Any]
) -> None:
    plots.draw_review(scored(FEW), tmp_path / "p.png", "t")
    assert not figures[0].axes[0].collections
    assert cv2.imread(str(tmp_path / "p.png")) is not None
