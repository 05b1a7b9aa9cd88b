"""Level runs of ink that may be those of rules: long, thin, small gaps bridged."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.layout.placed import Placed
from pipeline.marks import reduce_ink
from pipeline.rule_uprights import CLOSE_PX
from pipeline.runs import Runs, runs_in_strips


def spare(rules: GrayImage, drawings: Sequence[Placed], top_px: int) -> None:
    """Let go of what lies in a drawing; the first row of `rules` is row `top_px` of the page."""
    for box in drawings:
        y0, y1 = (max(0, int(y) - top_px) for y in (box.y0, box.y1 + 1))
        rules[y0:y1, int(box.x0) : int(box.x1) + 1] = 0


def thin_runs(found: GrayImage, thick_px: int) -> GrayImage:
    """Long runs without the rows of a bar that is thicker than a rule, and of dense print."""
    bars = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((thick_px + 1, 1), np.uint8))
    bars = cv2.dilate(bars, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.subtract(found, bars), np.uint8)


def parts_of_rules(runs: Runs, rules: GrayImage, top_px: int, thick_px: int) -> GrayImage:
    """(H, W) uint8, 1 on thin runs in the rows of rules that are none of these themselves.

    Args:
        runs: of the page.
        rules: (H, W) uint8, 1 = rule; the first row is row `top_px` of the page.
        top_px: as said.
        thick_px: how high a rule is at most.
    """
    is_near = np.convolve(rules.any(axis=1), np.ones(2 * CLOSE_PX + 1), "same") > 0
    found = runs.chosen((runs.row >= top_px) & (runs.row < top_px + len(rules)))
    found = found.chosen(is_near[found.row - top_px])
    thin = thin_runs(painted_runs(found, top_px, rules.shape), thick_px)
    return np.asarray(np.where(rules, np.uint8(0), thin), np.uint8)


def may_have_rules(ink: InkImage, length_px: int, small: InkImage | None = None) -> bool:
    """Looked for at 100 dpi first, which costs less; rows of specks and of dots are not seen.

    Args:
        ink: (H, W) bool, True = ink.
        length_px: of a rule, at least.
        small: `reduce_ink` of this ink or of more; made when None.
    """
    small = reduce_ink(ink) if small is None else small
    factor = max(1, ink.shape[0] // small.shape[0])
    return len(long_runs(small, max(8, length_px // factor), 0).row) > 0


def long_runs(ink: InkImage, length_px: int, gap_px: int) -> Runs:
    """The runs of `length_px` or more, gaps in them included."""
    found = []
    for runs in runs_in_strips(ink, gap_px):
        long = runs.at_least(length_px)
        found.append((long.row, long.x0, long.x1))
    row, x0, x1 = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Runs(row=row, x0=x0, x1=x1)


def painted_runs(runs: Runs, top_px: int, shape: tuple[int, int]) -> GrayImage:
    """(H, W) uint8, 1 on the runs; the first row is row `top_px` of the page."""
    painted = np.zeros(shape, np.uint8)
    for row, x0, x1 in zip(runs.row.tolist(), runs.x0.tolist(), runs.x1.tolist(), strict=True):
        painted[row - top_px, x0:x1] = 1
    return painted
