from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.connected import label_pieces
from pipeline.runs import level_runs, runs_in_strips


def _painted(ink: np.ndarray, gap_px: int, least_px: int) -> np.ndarray:
    runs = level_runs(ink, gap_px)
    painted = np.zeros(ink.shape, np.uint8)
    for row, x0, x1 in zip(runs.row, runs.x0, runs.x1, strict=True):
        painted[row, x0:x1] = x1 - x0 >= least_px
    return painted


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_runs_are_all_the_ink(share: float) -> None:
    ink = np.random.default_rng(1).random((40, 60)) < share
    np.testing.assert_array_equal(_painted(ink, 0, 1) > 0, ink)
    assert level_runs(ink).length.sum() == ink.sum()


@pytest.mark.parametrize("share", [0.4, 0.7, 0.9])
def test_long_runs_are_what_an_opening_leaves_of_a_closed_page(share: float) -> None:
    # Paper around: OpenCV takes what lies beyond the edge for ink when it opens.
    ink = np.pad(np.random.default_rng(2).random((40, 300)) < share, ((0, 0), (20, 20)))
    closed = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, 9), np.uint8))
    np.testing.assert_array_equal(_painted(ink, 2, 9), opened)


def test_runs_of_one_row_do_not_go_on_in_the_next() -> None:
    runs = level_runs(np.ones((3, 5), np.bool_), gap_px=2)
    assert runs.row.tolist() == [0, 1, 2]
    assert runs.length.tolist() == [5, 5, 5]


def test_strips_have_the_runs_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ink = np.random.default_rng(4).random((50, 30)) < 0.5
    monkeypatch.setattr("pipeline.runs._STRIP_PIXELS", 30 * 7)
    strips = list(runs_in_strips(ink, 1))
    assert len(strips) == 8
    whole = level_runs(ink, 1)
    for name in ("row", "x0", "x1"):
        found = np.concatenate([getattr(strip, name) for strip in strips])
        np.testing.assert_array_equal(found, getattr(whole, name))


def test_pieces_across_strips_are_measured_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ink = np.random.default_rng(5).random((60, 40)) < 0.4
    expected = label_pieces(ink)
    monkeypatch.setattr("pipeline.runs._STRIP_PIXELS", 40 * 9)
    for found, whole in zip(label_pieces(ink), expected, strict=True):
        np.testing.assert_array_equal(found, whole)
